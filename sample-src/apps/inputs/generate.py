#!/usr/bin/env python3
"""Writes the made-up inputs of the apps, the same bytes every time: people.json, one record a
line, access.log, the log of a web server, and orders.sql, a database. Run it in this folder."""

SYLLABLES = "ka lo mi ren tu sha vel or ün ñe да ко 美 咲 él bri dan ost wy jo".split()
CITIES = ["Lagos", "São Paulo", "Zürich", "東京", "Reykjavík", "Київ", "Pune", "Wellington"]
TAGS = ["admin", "beta", "export", "mobile", "on-hold", "paid", "trial", "verified"]
METHODS = ["GET"] * 14 + ["POST"] * 3 + ["HEAD", "PUT", "DELETE"]
STATUSES = ["200"] * 15 + ["304"] * 3 + ["301", "404", "404", "403", "500", "502"]
PATHS = [
    "/", "/index.html", "/static/app.{n:x}.js", "/static/site.css", "/api/v1/users/{n}",
    "/api/v1/orders/{n}?page={m}&sort=date", "/search?q={w}", "/images/{w}-{m}x{m}.png",
    "/wp-login.php", "/blog/2024/0{m}/{w}-{w2}", "/favicon.ico", "/../../etc/passwd",
]
AGENTS = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://bot.example/about)",
    "curl/8.5.0",
    "-",
]


class Numbers:
    """Numbers that are the same in every version of Python (xorshift64*)."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        state = self.state
        state ^= state >> 12
        state ^= state << 25 & 0xFFFF_FFFF_FFFF_FFFF
        state ^= state >> 27
        self.state = state
        return (state * 0x2545F4914F6CDD1D & 0xFFFF_FFFF_FFFF_FFFF) % (1 << 53) % bound

    def one(self, items):
        return items[self.below(len(items))]

    def word(self):
        return "".join(self.one(SYLLABLES) for _ in range(2 + self.below(3)))

    def decimal(self, whole, digits):
        return f"{self.below(2 * whole) - whole}.{self.below(10**digits):0{digits}}"


def person(numbers, identity):
    name = f"{numbers.word().capitalize()} {numbers.word().capitalize()}"
    tags = ", ".join(f'"{tag}"' for tag in TAGS if numbers.below(3) == 0)
    notes = " ".join(numbers.word() for _ in range(numbers.below(12)))
    orders = ", ".join(
        f'{{"id": {numbers.below(10**9)}, "total": {numbers.decimal(900, 2)}, "paid": {numbers.one(["true", "false", "null"])}}}'
        for _ in range(numbers.below(5))
    )
    return (
        f'{{"id": {identity}, "name": "{name}", "city": "{numbers.one(CITIES)}", "born": {1930 + numbers.below(90)}, '
        f'"position": [{numbers.decimal(90, 6)}, {numbers.decimal(180, 6)}], "score": {numbers.decimal(9, 3)}e{numbers.below(12) - 6}, '
        f'"tags": [{tags}], "notes": "{notes}\\n\\u2014 \\"{numbers.word()}\\"\\t\\\\", "orders": [{orders}]}}'
    )


def request(numbers, second):
    path = numbers.one(PATHS).format(
        n=numbers.below(100_000), m=1 + numbers.below(9), w=numbers.word(), w2=numbers.word()
    )
    address = ".".join(str(1 + numbers.below(254)) for _ in range(4))
    user = "-" if numbers.below(5) else numbers.word()
    time = f"{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}"
    referrer = numbers.one(["-", "-", f"https://www.example.org/{numbers.word()}"])
    return (
        f'{address} - {user} [17/Mar/2025:{time} +0000] "{numbers.one(METHODS)} {path} HTTP/1.1" '
        f'{numbers.one(STATUSES)} {numbers.below(90_000)} "{referrer}" "{numbers.one(AGENTS)}" {numbers.below(3_000_000) / 1e6:.6f}'
    )


def insert(numbers, identity):
    if identity % 8 == 0:
        return (
            f"INSERT INTO customers VALUES ({identity // 8}, '{numbers.word()} {numbers.word()}', "
            f"'{numbers.one(CITIES)}', {numbers.one(['NULL', '1', '2', '3'])});"
        )
    return (
        f"INSERT INTO orders (id, customer, item, cents, day) VALUES ({identity}, {numbers.below(identity // 8 + 1)}, "
        f"'{numbers.one(TAGS)}-{numbers.below(40)}', {numbers.below(50)} * 100 + {numbers.below(100)}, {numbers.below(365)});"
    )


def write(name, lines):
    with open(name, "w", encoding="utf-8", newline="\n") as file:
        file.writelines(line + "\n" for line in lines)


if __name__ == "__main__":
    numbers = Numbers(20260105)
    write("people.json", [person(numbers, identity) for identity in range(400)])
    write("access.log", [request(numbers, 3 * index) for index in range(1000)])
    write("orders.sql", [insert(numbers, identity) for identity in range(1200)])
