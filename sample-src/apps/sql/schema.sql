CREATE TABLE customers (id INTEGER, name TEXT, city TEXT, level INTEGER);
CREATE TABLE orders (id INTEGER, customer INTEGER, item TEXT, cents INTEGER, day INTEGER);
