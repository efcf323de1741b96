-- What one person did, in the order of time. A pause of more than half an hour begins a new visit.
SELECT strftime(time, '%Y-%m-%d %H:%M:%S') AS time,
       CASE WHEN before IS NULL THEN 'first'
            WHEN time - before >= INTERVAL 1 DAY THEN CAST(date_sub('minute', before, time) // 1440 AS VARCHAR) || ' d later'
            WHEN time - before >= INTERVAL 2 HOUR THEN CAST(date_sub('minute', before, time) // 60 AS VARCHAR) || ' h later'
            WHEN time - before >= INTERVAL 30 MINUTE THEN CAST(date_sub('minute', before, time) AS VARCHAR) || ' min later'
            ELSE '' END AS visit,
       method, page, status, ms, uri
FROM (SELECT time, lag(time) OVER (ORDER BY time, uri) AS before, method, page, status, reqtime AS ms, uri
      FROM {log} WHERE user_id = {what} AND {when})
ORDER BY before NULLS FIRST, uri
LIMIT {limit}
