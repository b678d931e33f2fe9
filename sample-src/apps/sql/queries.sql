SELECT COUNT(*), SUM(cents), MIN(day), MAX(day), AVG(cents) FROM orders WHERE cents % 7 <> 3 AND NOT day BETWEEN 100 AND 120;

SELECT city, COUNT(*) AS people, SUM(CASE WHEN level IS NULL THEN 0 ELSE level END) AS levels
FROM customers GROUP BY city ORDER BY people DESC, city;

SELECT c.name, COUNT(*) AS orders, SUM(o.cents) AS total, MAX(o.item)
FROM orders AS o JOIN customers AS c ON o.customer = c.id
WHERE c.level >= 2 OR o.item LIKE 'p%-1_'
GROUP BY c.id, c.name ORDER BY total DESC, c.name LIMIT 20;

SELECT day / 30 + 1 AS month, item, SUM(cents) AS total FROM orders
WHERE item IN ('paid-1', 'paid-2', 'trial-3', 'beta-4', 'mobile-5') OR cents > 4900
GROUP BY day / 30 + 1, item ORDER BY month, total DESC, item;

SELECT id, UPPER(item) || ' for ' || cents, LENGTH(item) * (3 - -day) FROM orders
WHERE customer = 7 OR (day < 9 AND item NOT LIKE '%o%') ORDER BY day, cents DESC, id LIMIT 50;
