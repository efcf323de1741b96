-- All requests of one page. Times in milliseconds.
SELECT count(*) AS requests, count(DISTINCT {person}) AS users,
       quantile_disc({reqtime}, 0.5) AS p50, quantile_disc({reqtime}, 0.95) AS p95, quantile_disc({reqtime}, 0.99) AS p99,
       max({reqtime}) AS slowest, count(*) FILTER ({status} BETWEEN 400 AND 499) AS "4xx",
       count(*) FILTER ({status} BETWEEN 500 AND 599) AS "5xx"
FROM {log}
WHERE page = {what} AND {when}

-- == hours: By hour
SELECT dt AS day, hour, count(*) AS requests, quantile_disc({reqtime}, 0.5) AS p50, quantile_disc({reqtime}, 0.95) AS p95,
       quantile_disc({reqtime}, 0.99) AS p99, count(*) FILTER ({status} BETWEEN 500 AND 599) AS "5xx"
FROM {log}
WHERE page = {what} AND {when}
GROUP BY ALL
ORDER BY ALL

-- == hosts: By host
SELECT server AS host, count(*) AS requests, quantile_disc({reqtime}, 0.5) AS p50, quantile_disc({reqtime}, 0.95) AS p95,
       quantile_disc({reqtime}, 0.99) AS p99, count(*) FILTER ({status} BETWEEN 500 AND 599) AS "5xx"
FROM {log}
WHERE page = {what} AND {when}
GROUP BY ALL
ORDER BY ALL

-- == slowest: The slowest requests
SELECT time, {reqtime} AS ms, {=status}, {=person}, {=client}, uri
FROM {log}
WHERE page = {what} AND {when}
ORDER BY {reqtime} DESC NULLS LAST, time
LIMIT {limit}
