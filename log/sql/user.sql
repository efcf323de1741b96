-- What one person did, in the order of time. A pause of more than half an hour begins a new visit.
SELECT moment AS time,
       CASE WHEN previous IS NULL THEN 'first'
            WHEN moment - previous >= INTERVAL 1 DAY THEN CAST(date_sub('minute', previous, moment) // 1440 AS VARCHAR) || ' d later'
            WHEN moment - previous >= INTERVAL 2 HOUR THEN CAST(date_sub('minute', previous, moment) // 60 AS VARCHAR) || ' h later'
            WHEN moment - previous >= INTERVAL 30 MINUTE THEN CAST(date_sub('minute', previous, moment) AS VARCHAR) || ' min later'
            ELSE '' END AS visit,
       method, page, status, ms, uri
FROM (SELECT time AS moment, lag(time) OVER (ORDER BY time, {uri}) AS previous, {=method}, {=page}, {=status},
             {reqtime} AS ms, {=uri}
      FROM {log} WHERE {what} AND {when})
ORDER BY moment, uri
LIMIT {limit}
