"""Writes systems.json, EPSG's coordinate reference systems as proj4 takes them, and vectors.json.gz, where PROJ places points.

    python export.py
    (needs pyproj 3.7.2, whose wheel has PROJ 9.5.1 with EPSG 11.022 and no grids; some minutes)

PROJ is asked as `Transformer.from_crs(code, 4326, always_xy=True)` asks it, without network: of the operations that need no grid
it takes, for each point, the most accurate one whose area holds the point, an offshore one only where there is no other, or else a
ballpark one of unknown accuracy. The operations
that it takes at 86 points of each system's area of use are what systems.json holds. The vectors are five of them: the
centre, and the middles of the four quarters. What it leaves out, it prints.
"""

import gzip
import json
import math
import re
import warnings
from multiprocessing import Pool
from pathlib import Path

import pyproj
from pyproj import CRS, Transformer
from pyproj.database import get_database_metadata, query_crs_info
from pyproj.enums import PJType, WktVersion
from pyproj.exceptions import CRSError, ProjError

warnings.simplefilter("ignore")
HERE = Path(__file__).parent
SOURCE = "EPSG Dataset {} by way of PROJ {}: see export.py"
TERMS = "EPSG Dataset: IOGP, https://epsg.org/terms-of-use.html; proj.db: X11/MIT, https://proj.org/en/stable/about.html"
#: Rotations are in seconds of arc, scales in millionths.
RADIANS = math.pi / 180 / 3600
#: PROJ's names of prime meridians that occur, in degrees.
MERIDIANS = {"paris": 2.337229166666667, "athens": 23.7163375, "ferro": -17.66666666666667, "bogota": -74.08091666666667,
             "lisbon": -9.131906111111111, "rome": 12.45233333333333, "bern": 7.439583333333333, "jakarta": 106.8077194444444,
             "brussels": 4.367975, "stockholm": 18.05827777777778, "oslo": 10.72291666666667, "madrid": -3.687938888888889}
#: Ellipsoids that proj4 does not know, and silently takes for WGS84's.
OTHER_ELLIPSOIDS = {"clrk80ign": "+a=6378249.2 +b=6356515", "WGS72": "+a=6378135 +rf=298.26", "GSK2011": "+a=6378136.5 +rf=298.2564151"}
#: Projections that proj4 does not know.
UNKNOWN = re.compile(r"proj=(labrd|mod_krovak|col_urban)\b|proj=ortho.*alpha=")


def points(west, south, east, north):
    """The five points of the vectors, then a grid."""
    east += 360 if east < west else 0
    shares = [(0.5, 0.5), (0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)]
    shares += [(i / 8, j / 8) for i in range(9) for j in range(9)]
    for h, v in shares:
        yield (west + h * (east - west) + 180) % 360 - 180, south + v * (north - south)


def fields(step):
    return dict((part.split("=") + [""])[:2] for part in step.split())


def product(a, b):
    return [[sum(a[i][k] * b[k][j] for k in range(3)) for j in range(3)] for i in range(3)]


def applied(m, v):
    return [sum(m[i][k] * v[k] for k in range(3)) for i in range(3)]


def geocentric(step, is_inverse):
    """The matrix and translation of a step between geocentric coordinates; Molodensky-Badekas turns about a point of its own."""
    at = {name: float(value) for name, value in step.items() if re.fullmatch(r"[xyzs]|r[xyz]|p[xyz]", name)}
    sign = -1 if step.get("convention") == "coordinate_frame" else 1
    rx, ry, rz = (sign * at.get(name, 0) * RADIANS for name in ("rx", "ry", "rz"))
    scale = 1 + at.get("s", 0) / 1e6
    m = [[scale * value for value in row] for row in ((1, -rz, ry), (rz, 1, -rx), (-ry, rx, 1))]
    pivot = [at.get(name, 0) for name in ("px", "py", "pz")]
    t = [at.get(n, 0) + p - q for n, p, q in zip("xyz", pivot, applied(m, pivot))]
    if not is_inverse:
        return m, t
    back = [[m[j][i] / scale**2 for j in range(3)] for i in range(3)]
    return back, [-value for value in applied(back, t)]


def shift_of(definition):
    """The operation as the numbers of +towgs84, [longitude, latitude] in degrees for an offset, [] for none; None if it is more.
    And the prime meridian that it starts from, because a few operations correct it."""
    m, t, offset, is_shifted, meridian = None, None, [], False, 0
    for text in definition.split("step"):
        step = fields(text)
        is_inverse, kind = "inv" in step, step.get("proj")
        if "pm" in step:
            meridian += MERIDIANS[step["pm"]] if step["pm"] in MERIDIANS else float(step["pm"])
        if kind == "cart":
            is_shifted = True
        elif kind in ("helmert", "molobadekas"):
            is_shifted = True
            next_m, next_t = geocentric(step, is_inverse)
            if m is None:
                m, t = next_m, next_t
            else:
                t = [a + b for a, b in zip(applied(next_m, t), next_t)]
                m = product(next_m, m)
        elif kind == "geogoffset":
            offset = [float(step.get(name, 0)) / 3600 * (-1 if is_inverse else 1) for name in ("dlon", "dlat")]
        elif kind in ("gridshift", "hgridshift", "affine", "defmodel", "xyzgridshift", "geoc"):
            return None, meridian
    if offset:
        return (None if is_shifted else offset), meridian
    if m is None:
        return ([0, 0, 0] if is_shifted else []), meridian
    scale = (m[0][0] + m[1][1] + m[2][2]) / 3
    turns = [(m[2][1] - m[1][2]) / 2, (m[0][2] - m[2][0]) / 2, (m[1][0] - m[0][1]) / 2]
    rest = [round(turn / scale / RADIANS, 8) for turn in turns] + [round((scale - 1) * 1e6, 6)]
    return [round(value, 4) for value in t] + (rest if any(rest) else []), meridian


def definition_of(crs):
    """The system as proj4 takes it, but for its datum, which the operations stand for."""
    text = crs.to_proj4().replace(" +no_defs", "").replace(" +type=crs", "")
    text = text.replace("+datum=WGS84", "+ellps=WGS84").replace("+datum=NAD83", "+ellps=GRS80").replace("+datum=NAD27", "+ellps=clrk66")
    for ellipsoid, axes in OTHER_ELLIPSOIDS.items():
        text = text.replace(f"+ellps={ellipsoid}", axes)
    if "+R_A" in text:
        a, e = crs.ellipsoid.semi_major_metre, math.sqrt(1 - (crs.ellipsoid.semi_minor_metre / crs.ellipsoid.semi_major_metre) ** 2)
        text = re.sub(r" \+ellps=\w+", "", text.replace("+R_A", f"+R={a * math.sqrt((1 + (1 - e * e) / e * math.atanh(e)) / 2):.4f}"))
    text = re.sub(r" \+units=m\b| \+[xy]_0=0(?= |$)| \+k(_0)?=1(?= |$)| \+lat_0=0(?= |$)| \+lon_0=0(?= |$)", "", text)
    unit = crs.axis_info[0].unit_conversion_factor * 180 / math.pi
    if crs.is_geographic and abs(unit - 1) > 1e-12:
        text += f" +to_degrees={unit:.12g}"
    return text


def names_of(crs):
    """A geographic system's name, then what well-known text of any version calls its datum."""
    found = [crs.name]
    for version in (WktVersion.WKT2_2019, WktVersion.WKT1_GDAL, WktVersion.WKT1_ESRI):
        try:
            name = re.search(r'\b(?:DATUM|ENSEMBLE)\["([^"]+)"', crs.to_wkt(version))
        except CRSError:
            continue
        if name and plain(name[1]) not in map(plain, found[1:]):
            found.append(name[1])
    return found


def plain(name):
    return re.sub(r"[^a-z0-9]", "", re.sub("^D_", "", name).lower())


def system(code):
    crs = CRS.from_epsg(code)
    out = {"code": code, "ops": [], "vectors": [], "why": "PROJ does not place it"}
    try:
        out["definition"] = definition_of(crs)
        transformer = Transformer.from_crs(code, 4326, always_xy=True)
    except (CRSError, ProjError):
        return out
    area = crs.area_of_use
    out["why"] = f"{UNKNOWN.search(out['definition'])[0]} is not known" if UNKNOWN.search(out["definition"]) else None
    out["names"] = [str(crs.datum.to_json_dict()["id"]["code"]), *names_of(crs)] if crs.is_geographic else []
    meridian = crs.prime_meridian.longitude * crs.prime_meridian.unit_conversion_factor * 180 / math.pi
    bounds = area.bounds if area and area.west >= -180 else (-180, -90, 180, 90)
    seen = {}
    for i, (lon, lat) in enumerate(points(*bounds)):
        x, y = transformer.transform(lon, lat, direction="INVERSE")
        if not (math.isfinite(x) and math.isfinite(y)):
            continue
        x, y = (round(x), round(y)) if crs.is_projected else (round(x, 4), round(y, 4))
        lon, lat = transformer.transform(x, y)
        if not (math.isfinite(lon) and math.isfinite(lat)):
            continue
        try:
            used = transformer.get_last_used_operation()
        except ProjError:
            used = transformer
        if used.definition not in seen:
            of = used.area_of_use
            shift, own = shift_of(used.definition)
            if shift is None or ("R_A" in used.definition and shift):
                out["why"] = f"is not shifted alone: {used.definition}"
            if "axisswap order=-2,-1" in used.definition and "axis" not in out["definition"]:
                out["definition"] += " +axis=swu"
            own = "" if abs(own - meridian) < 1e-7 else f"{own:.10g}"
            accuracy = f"{used.accuracy:g}" if used.accuracy >= 0 else ""
            accuracy += " offshore" if of and "- offshore" in of.name else ""
            seen[used.definition] = (shift, accuracy, of.bounds if of else (-180, -90, 180, 90), own)
        if i < 5:
            out["vectors"].append((x, y, round(lon, 6), round(lat, 6)))
    out["ops"] = list(seen.values())
    return out


def main():
    kinds = (PJType.PROJECTED_CRS, PJType.GEOGRAPHIC_2D_CRS)
    infos = [info for kind in kinds for info in query_crs_info("EPSG", kind, allow_deprecated=True)]
    deprecated = {int(info.code) for info in infos if info.deprecated}
    with Pool(2) as pool:
        found = pool.map(system, sorted(int(info.code) for info in infos if int(info.code) < 32767), chunksize=20)
    operations, systems, datums, vectors = {}, [], [], []
    for one in found:
        if one["why"] or not one["ops"]:
            print("left out:", one["code"], one["why"])
            continue
        texts = [f"{joined(area)}|{accuracy}|{joined(shift)}|{own}" for shift, accuracy, area, own in one["ops"]]
        numbers = [operations.setdefault(text, len(operations)) for text in texts]
        systems.append(f"{one['code']}|{one['definition']}|{joined(numbers)}")
        vectors.append(f"{one['code']} " + " ".join(joined(point) for point in one["vectors"]))
        if one["names"]:
            order = (one["code"] in deprecated, "+pm=" in one["definition"])
            datums.append((order, f"{one['code']}|{'|'.join(one['names'])}"))
    about = {"source": SOURCE.format(get_database_metadata("EPSG.VERSION"), pyproj.proj_version_str), "terms": TERMS}
    datums = [text for _, text in sorted(datums, key=lambda one: one[0])]  # the first of a name is meant
    table = {**about, "operations": list(operations), "systems": systems, "datums": datums}
    (HERE / "systems.json").write_text(json.dumps(table, indent=2, ensure_ascii=False) + "\n")
    packed = gzip.compress(json.dumps({**about, "vectors": vectors}, indent=0).encode(), mtime=0)
    (HERE / "vectors.json.gz").write_bytes(packed)


def joined(values):
    return " ".join(f"{value:.10g}" for value in values)


if __name__ == "__main__":
    main()
