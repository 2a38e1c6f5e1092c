CREATE TABLE customers (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    city text NOT NULL
);

CREATE TABLE orders (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id int NOT NULL REFERENCES customers,
    status text NOT NULL
);

CREATE TABLE order_items (
    order_id int NOT NULL REFERENCES orders,
    line int NOT NULL,
    product text NOT NULL,
    quantity int NOT NULL,
    PRIMARY KEY (order_id, line)
);
