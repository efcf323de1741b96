// parquet.mjs: what is in a text of LTSV lines, and what is in Parquet files, as one line a column, so that they can be
// compared: name, rows that have a value, sum (numbers), digest (sum of the first 32 bits of each value's MD5).
//
//     node parquet.mjs text FILE
//     node parquet.mjs parquet MODULES FILE...
//
// The text is read by nothing of Rusuban, the files by hyparquet.
import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const whole = { status: 31n, reqsize: 31n, size: 63n, user_id: 63n }
const seconds = new Set(['reqtime', 'apptime'])
const sums = new Map()
let rows = 0

function add(name, text, number) {
  let c = sums.get(name)
  if (!c) sums.set(name, (c = { n: 0, sum: 0n, digest: 0 }))
  c.n++
  if (number !== undefined) c.sum += number
  c.digest += parseInt(createHash('md5').update(text).digest('hex').slice(0, 8), 16)
}

function print() {
  console.log(`rows ${rows}`)
  for (const name of [...sums.keys()].sort()) {
    const c = sums.get(name)
    console.log(`${name} ${c.n} ${c.sum} ${c.digest}`)
  }
}

// "1.234" to 1234; digits behind the third are dropped.
function ms(text) {
  const m = /^(\d{1,7})(?:\.(\d+))?$/.exec(text)
  return m ? BigInt(m[1]) * 1000n + BigInt(((m[2] ?? '') + '000').slice(0, 3)) : undefined
}

function addSeconds(label, text) {
  const one = ms(text)
  if (one !== undefined) return add(label, String(one), one)
  const many = text.split(/, | : /).map(ms)
  if (many.length > 1 && many.every(v => v !== undefined)) {
    const sum = many.reduce((a, b) => a + b)
    add(label, String(sum), sum)
  }
  add(label + '__s', text)
}

function addField(label, text) {
  if (text === '-') return
  if (label === 'time') {
    const us = BigInt(new Date(text).getTime()) * 1000n
    add(label, String(us), us)
  } else if (seconds.has(label)) addSeconds(label, text)
  else if (label in whole) {
    const fits = /^-?\d+$/.test(text) && BigInt.asIntN(Number(whole[label]) + 1, BigInt(text)) === BigInt(text)
    if (fits) add(label, String(BigInt(text)), BigInt(text))
    else add(label + '__s', text)
  } else add(label, text)
}

async function text(file) {
  const lines = createInterface({ input: createReadStream(file, 'latin1') })
  for await (const raw of lines) {
    const bytes = Buffer.from(raw, 'latin1')
    const line = bytes.toString('utf8')
    if (!Buffer.from(line).equals(bytes) || !/(^|\t)time:2/.test(line)) continue    // a bad line
    rows++
    add('server', 'app1')
    for (const field of line.split('\t')) {
      const colon = field.indexOf(':')
      addField(field.slice(0, colon), field.slice(colon + 1))
    }
  }
}

async function parquet(modules, files) {
  const { parquetReadObjects } = await import(`file://${modules}/hyparquet/src/index.js`)
  const { compressors } = await import(`file://${modules}/hyparquet-compressors/src/index.js`)
  for (const file of files) {
    const bytes = readFileSync(file)
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
    for (const row of await parquetReadObjects({ file: buffer, compressors })) {
      rows++
      const { extra, ...columns } = row
      for (const [label, v] of Object.entries(extra ? (typeof extra === 'string' ? JSON.parse(extra) : extra) : {})) columns[label] ??= v
      for (const [label, v] of Object.entries(columns)) {
        if (v === null || v === undefined) continue
        if (v instanceof Date) add(label, String(BigInt(v.getTime()) * 1000n), BigInt(v.getTime()) * 1000n)
        else if (typeof v === 'string') add(label, v)
        else add(label, String(v), BigInt(v))
      }
    }
  }
}

const [, , what, ...rest] = process.argv
if (what === 'text') await text(rest[0])
else await parquet(rest[0], rest.slice(1))
print()
