// log.h: the access log becomes SQL. What stands so far: lines become typed columns and Parquet, a write-ahead log keeps what
// was acknowledged, frames and blocks are what agent and server will say to each other, paths become pages. Agent, server,
// lake and SQL are being built on these; nothing of them can be typed yet.
#pragma once
