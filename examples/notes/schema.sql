-- The database of the app. `mayfly up --sqlite @schema.sql` runs this before the first request, each time.
CREATE TABLE IF NOT EXISTS notes (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL,
  created INTEGER NOT NULL -- seconds since 1970
);
CREATE INDEX IF NOT EXISTS notes_created ON notes (created);
