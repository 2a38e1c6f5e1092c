-- Waits until the connector has created its triggers (three tables, three events), then makes some sample changes.
DO $$
BEGIN
    FOR attempt IN 1 .. 600 LOOP
        IF (SELECT count(DISTINCT (tgrelid, tgtype & 28)) FROM pg_trigger WHERE tgname LIKE 'ectowatch.%') = 9 THEN
            RETURN;
        END IF;
        PERFORM pg_sleep(0.1);
    END LOOP;
    RAISE 'the connector has not created its triggers within a minute';
END
$$;

INSERT INTO customers (name, city) VALUES ('Ada', 'Turin') RETURNING id AS customer \gset
INSERT INTO orders (customer_id, status) VALUES (:customer, 'open') RETURNING id AS "order" \gset
INSERT INTO order_items VALUES (:order, 1, 'lamp', 1), (:order, 2, 'gift wrap', 1);
UPDATE order_items SET quantity = 3 WHERE order_id = :order AND line = 1;
DELETE FROM order_items WHERE order_id = :order AND line = 2;
UPDATE orders SET status = 'paid' WHERE id = :order;
UPDATE customers SET city = 'Oslo' WHERE id = :customer;
