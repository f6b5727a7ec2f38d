-- Places to stand: those of a section are alike.
ALTER TABLE seats ADD COLUMN standing INTEGER NOT NULL DEFAULT 0;
