-- What one person did, in the order of time. A pause of more than half an hour begins a new visit.
SELECT strftime(time, '%Y-%m-%d %H:%M:%S') AS time,
       CASE WHEN previous IS NULL THEN 'first'
            WHEN time - previous >= INTERVAL 1 DAY THEN CAST(date_sub('minute', previous, time) // 1440 AS VARCHAR) || ' d later'
            WHEN time - previous >= INTERVAL 2 HOUR THEN CAST(date_sub('minute', previous, time) // 60 AS VARCHAR) || ' h later'
            WHEN time - previous >= INTERVAL 30 MINUTE THEN CAST(date_sub('minute', previous, time) AS VARCHAR) || ' min later'
            ELSE '' END AS visit,
       method, page, status, ms, uri
FROM (SELECT time, lag(time) OVER (ORDER BY time, uri) AS previous, method, page, status, reqtime AS ms, uri
      FROM {log} WHERE user_id = {what} AND {when})
ORDER BY previous NULLS FIRST, uri
LIMIT {limit}
