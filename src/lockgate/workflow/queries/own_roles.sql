-- The roles of a server but PostgreSQL's own and the platform's.
SELECT rolname FROM pg_roles WHERE rolname !~ '^(pg|supabase|pgsodium|cli_login|rds|cloudsql|azure)' ORDER BY oid
