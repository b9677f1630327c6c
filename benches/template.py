"""The rows that one request leaves, to be written over and over by benches/raw."""

import sqlite3

from machine import Failed


def rows_left(programs, database, act):
    """The rows that something left, as a template for benches/raw: what tells them apart is made anew."""
    with sqlite3.connect(database) as connection:
        ask = lambda sql, *params: connection.execute(sql, params).fetchall()
        # The index of texts may be of a newer SQLite than Python's: what it holds is asked below.
        tables = [name for (name,) in ask(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%WITHOUT ROWID%' AND name NOT LIKE 'sqlite_%'"
            " AND name NOT LIKE 'search\\_texts%' ESCAPE '\\' ORDER BY rowid")]
        act()
        last = {table: ask(f'SELECT coalesce(max(rowid), 0) FROM "{table}"')[0][0] for table in tables}
        act()
        new = [(table, row) for table in tables for row in ask(f'SELECT * FROM "{table}" WHERE rowid > ?', last[table])]
        # Columns whose value no other row may have, by place: those of unique indexes, and the number of a text.
        alone, names = {}, {table: [column[1] for column in ask(f'PRAGMA table_info("{table}")')] for table, _ in new}
        for table in names:
            unique = [index[1] for index in ask(f'PRAGMA index_list("{table}")') if index[2]]
            columns = [ask(f'PRAGMA index_info("{name}")') for name in unique]
            alone[table] = {column[0][1] for column in columns if len(column) == 1}
        if "search_docs" in names:
            alone["search_docs"].add(names["search_docs"].index("doc"))
    ids = {row[at] for table, row in new for at in alone[table] if isinstance(row[at], str)}

    def made_anew(table, at, value):
        if isinstance(value, str) and value in ids:
            return {"id": value}
        return {"next": f"{table}.{names[table][at]}"} if isinstance(value, int) and at in alone[table] else value

    if not new:
        raise Failed("what should write left no row")
    left = [{"table": table, "values": [made_anew(table, at, value) for at, value in enumerate(row)]} for table, row in new]
    for doc in {row[names["search_docs"].index("doc")] for table, row in new if table == "search_docs"}:
        words = programs.tell("words", "--database", database, "--doc", doc)
        columns = ["rowid", "title", "summary", "lead", "body"]
        left.append({"table": "search_texts", "columns": columns, "values": [{"next": "search_docs.doc"}, *words]})
    return left


def continued(template, database):
    """The template with the numbers that come next in a database, in place of the columns that count."""
    with sqlite3.connect(database) as connection:

        def number(value):
            if not isinstance(value, dict) or "next" not in value:
                return value
            table, name = value["next"].split(".")
            return {"next": connection.execute(f'SELECT coalesce(max("{name}"), 0) + 1 FROM "{table}"').fetchone()[0]}

        return [row | {"values": [number(value) for value in row["values"]]} for row in template]
