-- Security labels of every provider.
SELECT l.classoid, l.objoid, l.objsubid, l.provider, l.label
FROM pg_seclabel l
ORDER BY l.provider
