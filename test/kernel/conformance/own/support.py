"""Short forms for checks that are mostly TypeScript."""

from registry import expect

BRIDGE = "(globalThis as any)[Symbol.for('msl.kernel')]"


def value(t, code, wanted, **options):
    """The cell's last value, as its text."""
    cell = t.kernel.run(code, **options)
    expect(cell.status == "ok" and cell.result == wanted, cell, wanted)
    return cell


def prints(t, code, wanted, **options):
    cell = t.kernel.run(code, **options)
    expect(cell.status == "ok" and cell.text() == wanted, cell, repr(wanted))
    return cell


def ok(t, code, **options):
    cell = t.kernel.run(code, **options)
    expect(cell.status == "ok", cell, "status ok")
    return cell


def fails(t, code, *words, **options):
    cell = t.kernel.run(code, **options)
    good = cell.status == "error" and all(word in cell.error for word in words)
    expect(good, cell, f"an error with {', '.join(words) or 'any text'}")
    return cell
