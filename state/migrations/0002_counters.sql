-- What the runs of one group (the shards of one pipeline run) count together. A part (a
-- tenant, an object that is deleted) has one row: what it contributes is written again, not added,
-- when its run is repeated.
CREATE TABLE counters (
  run_group TEXT    NOT NULL,
  counter   TEXT    NOT NULL,
  part      TEXT    NOT NULL,
  amount    INTEGER NOT NULL,
  noted_at  TEXT    NOT NULL,
  PRIMARY KEY (run_group, counter, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX counters_noted ON counters (noted_at);
