-- The pages that cost most. Times in milliseconds: of 100 requests 95 took no longer than p95.{few}
SELECT page, count(*) AS requests,
       quantile_disc({reqtime}, 0.5) AS p50, quantile_disc({reqtime}, 0.95) AS p95, max({reqtime}) AS slowest,
       CAST(round(sum({reqtime}) / 1000.0) AS BIGINT) AS total_s,
       count(*) FILTER ({status} BETWEEN 500 AND 599) AS "5xx"
FROM {log}
WHERE {when}
GROUP BY page
HAVING count(*) >= {least}
ORDER BY {by} DESC NULLS LAST, page
LIMIT {limit}
