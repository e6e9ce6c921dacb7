-- A state that was moved to another place says so, and a copy that is not complete does, too.
ALTER TABLE meta ADD COLUMN moved_to      TEXT NOT NULL DEFAULT '';
ALTER TABLE meta ADD COLUMN moved_at      TEXT NOT NULL DEFAULT '';
ALTER TABLE meta ADD COLUMN arriving_from TEXT NOT NULL DEFAULT '';

-- One live tenant belongs to one key: of two runners that claim it, the second is refused.
CREATE UNIQUE INDEX one_key_per_tenant ON resources (remote_id)
  WHERE section = '' AND remote_id <> '';
