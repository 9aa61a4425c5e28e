"""Courses as a picture: one below the other, each with the medians of its thirds."""

WIDTH, HEIGHT, LEFT, TOP = 900, 180, 80, 30


def svg(courses, title):
    panels = "".join(panel(course, number) for number, course in enumerate(courses))
    height = len(courses) * HEIGHT + TOP
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
            f'font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" '
            f'fill="white"/>\n<text x="{LEFT}" y="18">{title}</text>\n{panels}</svg>\n')


def panel(course, number):
    end = course.points[-1][0]
    top = max(value for _, value in course.points) * 1.1 or 1
    bottom = TOP + (number + 1) * HEIGHT - 30
    high = HEIGHT - 60

    def at(second, value):
        x = LEFT + second / end * (WIDTH - LEFT - 20)
        return f"{x:.1f},{bottom - value / top * high:.1f}"

    line = " ".join(at(*point) for point in course.points)
    warm = float(at(course.warm_up, 0).split(",")[0])
    parts = [
        f'<rect x="{LEFT}" y="{bottom - high}" width="{warm - LEFT:.1f}" height="{high}" '
        'fill="#eee"/>',
        f'<path d="M{at(0, top)} L{at(0, 0)} L{at(end, 0)}" fill="none" stroke="black"/>',
        f'<polyline points="{line}" fill="none" stroke="#69c"/>']
    parts += [f'<path d="M{at(begin, level)} L{at(finish, level)}" stroke="#c30" stroke-width="2"/>'
              for (begin, finish), level in zip(course.thirds, course.medians)]
    verdict = "flat" if course.is_flat else "not flat"
    parts += [text(LEFT, bottom - high - 6,
                   f"{course.kind.name}{', ' + course.kind.unit if course.kind.unit else ''}: "
                   f"{verdict}, medians {' '.join(f'{one:.0f}' for one in course.medians)}"),
              text(10, bottom - high + 4, f"{top:.0f}"), text(10, bottom, "0"),
              text(WIDTH - 70, bottom + 14, f"{end:.0f} s"), text(LEFT, bottom + 14, "warm-up")]
    return "\n".join(parts) + "\n"


def text(x, y, said):
    return f'<text x="{x}" y="{y:.0f}">{said}</text>'
