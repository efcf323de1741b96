// spark.tsx: a line of the last 24 hours, our own SVG: the words beside it say the same.
export function Spark({ points, label }: { points: (number | null)[]; label: string }) {
    const w = 260,
        h = 44;
    const known = points.filter((p): p is number => p !== null);
    if (known.length < 2) return <div style={{ height: "50px" }} />;
    const top = Math.max(...known) * 1.08 || 1;
    const x = (i: number) => (i / (points.length - 1)) * w;
    const y = (v: number) => h - 2 - (v / top) * (h - 6);
    // A gap in the figures is a gap in the line.
    let d = "",
        pen = false,
        under = "",
        from = 0;
    points.forEach((v, i) => {
        if (v === null) {
            if (pen) under += `L${x(i - 1).toFixed(1)} ${h}L${from.toFixed(1)} ${h}Z`;
            pen = false;
            return;
        }
        const p = `${x(i).toFixed(1)} ${y(v).toFixed(1)}`;
        if (!pen) from = x(i);
        d += (pen ? "L" : "M") + p;
        under += (pen ? "L" : "M") + p;
        pen = true;
    });
    if (pen) under += `L${w} ${h}L${from.toFixed(1)} ${h}Z`;
    return (
        <svg class="spark" viewBox={`0 0 ${w} ${h}`} preserveAspectRatio="none" role="img" aria-label={label}>
            <path class="spark-under" d={under} />
            <path class="spark-line" d={d} />
        </svg>
    );
}
