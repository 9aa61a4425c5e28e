"""Markdown: tables of figures, and what was to be reached."""

from statistics import median


class Report:
    """Parts add to it; print() writes it at the end."""

    def __init__(self):
        self._sections = []
        self._targets = []
        self.failures = []

    def table(self, title, columns, rows, note=""):
        lines = [f"### {title}", "", row(columns), row("---" for _ in columns)]
        lines += [row(cells) for cells in rows]
        if note:
            lines += ["", note]
        self._sections.append("\n".join(lines))

    def target(self, what, figure, limit, reached):
        self._targets.append((what, figure, limit, "yes" if reached else "**no**"))

    def all_reached(self):
        return all(reached == "yes" for *_, reached in self._targets)

    def fail(self, sentence):
        """The run itself ends as a failure, once all of it was printed."""
        self.failures.append(sentence)

    def print(self, head):
        print(head)
        for section in self._sections:
            print("\n" + section)
        if self._targets:
            print("\n### What is to be reached\n")
            for cells in (("target", "figure", "limit", "reached"), ("---",) * 4, *self._targets):
                print(row(cells))


def row(cells):
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def pairwise(figures, base):
    """Ratios of figures that were measured in turns, round by round."""
    return [figure / other for figure, other in zip(figures, base)]


def spread(ratios):
    """A ratio and how far the rounds lie apart: `0.94 (0.92..0.97)`."""
    return f"{median(ratios):.2f} ({min(ratios):.2f}..{max(ratios):.2f})"


def kib(count):
    return f"{count / 1024:.2f} KiB"


def mib(count):
    return f"{count / 2**20:.1f} MiB"
