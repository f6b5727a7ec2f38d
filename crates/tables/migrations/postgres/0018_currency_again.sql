-- The currency once more: a bit that has turned in one of them is found. Null where a program wrote it that knows it once.
ALTER TABLE currency ADD COLUMN code_again TEXT;
UPDATE currency SET code_again = code;
