-- The tables of a state; docs/state-format.md says what they mean. Never edited once released: a
-- change is a further file.

-- "TNRY": a SQLite file of another program is recognised by not having it.
PRAGMA application_id = 0x544e5259;

CREATE TABLE meta (
  one            INTEGER PRIMARY KEY CHECK (one = 1),
  lineage        TEXT    NOT NULL,
  salt           TEXT    NOT NULL,
  schema_version INTEGER NOT NULL,
  created_at     TEXT    NOT NULL
) STRICT;

CREATE TABLE tenants (
  key           TEXT    NOT NULL PRIMARY KEY,
  serial        INTEGER NOT NULL DEFAULT 0,
  config_digest TEXT    NOT NULL DEFAULT '',
  applied_at    TEXT    NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- The key is the address. A tenant's rows lie together: to load it is one range scan.
CREATE TABLE resources (
  tenant          TEXT    NOT NULL REFERENCES tenants (key),
  section         TEXT    NOT NULL,
  key             TEXT    NOT NULL,
  remote_id       TEXT    NOT NULL,
  applied         TEXT    NOT NULL,
  observed        TEXT    NOT NULL,
  secrets         TEXT    NOT NULL,
  extra           TEXT    NOT NULL,
  prevent_destroy INTEGER NOT NULL CHECK (prevent_destroy IN (0, 1)),
  depends_on      TEXT    NOT NULL,
  created_at      TEXT    NOT NULL,
  updated_at      TEXT    NOT NULL,
  PRIMARY KEY (tenant, section, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
  id         TEXT NOT NULL PRIMARY KEY,
  command    TEXT NOT NULL,
  started_at TEXT NOT NULL,
  user       TEXT NOT NULL,
  host       TEXT NOT NULL,
  git_commit TEXT NOT NULL,
  run_url    TEXT NOT NULL,
  reason     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The journal. AUTOINCREMENT: the number of an operation is never given again. `run_id` is no
-- foreign key: an intent is never refused for what only the history needs.
CREATE TABLE operations (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant         TEXT NOT NULL,
  section        TEXT NOT NULL,
  key            TEXT NOT NULL,
  action         TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  natural_key    TEXT NOT NULL,
  remote_id      TEXT NOT NULL,
  before         TEXT NOT NULL,
  planned        TEXT NOT NULL,
  context        TEXT NOT NULL,
  run_id         TEXT NOT NULL,
  status         TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'done', 'failed', 'dropped')),
  started_at     TEXT NOT NULL,
  ended_at       TEXT NOT NULL DEFAULT '',
  error          TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX operations_of_tenant ON operations (tenant, id);
CREATE INDEX operations_open ON operations (tenant, id) WHERE status = 'open';

-- The byte of the lock file that stands for a tenant, and who held it last: words for a message.
-- Only the lock on the byte says whether somebody holds it now. A slot is never given away again.
CREATE TABLE lock_owners (
  tenant  TEXT    NOT NULL PRIMARY KEY,
  slot    INTEGER NOT NULL UNIQUE,
  host    TEXT    NOT NULL DEFAULT '',
  pid     INTEGER NOT NULL DEFAULT 0,
  command TEXT    NOT NULL DEFAULT '',
  run_url TEXT    NOT NULL DEFAULT '',
  since   TEXT    NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
