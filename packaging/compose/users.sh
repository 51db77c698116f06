#!/bin/sh
# Run once by the image of PostgreSQL, in an empty database and after roles.sql: the users who may log in, with passwords from secrets.
set -eu
psql --no-psqlrc --set=ON_ERROR_STOP=1 --username=postgres --dbname=audits \
  --set=admin="$(cat /run/secrets/admin)" --set=worker="$(cat /run/secrets/worker)" <<'SQL'
CREATE ROLE audit_admin LOGIN PASSWORD :'admin' IN ROLE sealcheck_audit_owner;
ALTER ROLE audit_admin SET role = sealcheck_audit_owner;
CREATE ROLE audit_worker LOGIN PASSWORD :'worker' IN ROLE sealcheck_audit_worker;
SQL
