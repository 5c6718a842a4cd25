-- PostgreSQL gives up a transaction at the first statement that fails. Stock of a product whose own write was refused
-- must not end it before every other precondition has been looked at, so this is checked at the end. SQLite goes on
-- after such a statement.
/*pg ALTER TABLE stock ALTER CONSTRAINT stock_tenant_product_id_fkey DEFERRABLE INITIALLY DEFERRED; */
