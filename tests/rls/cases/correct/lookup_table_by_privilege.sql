-- base: none
CREATE TABLE currencies (code text PRIMARY KEY);
INSERT INTO currencies VALUES ('eur'), ('usd');
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON currencies FROM anon, authenticated;
