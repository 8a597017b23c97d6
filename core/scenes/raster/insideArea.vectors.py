"""Writes insideArea.vectors.json: which pixels of real grids have their centre in an area, as GDAL burns polygons whose sides are cut into
2,000 pieces in longitude and latitude and then projected by PROJ; which of them do not once the grid is moved by 0.003 pixels, so that
nothing is said of them; and the hectares within, by the pixels' areas on the ellipsoid.

    pip install rasterio==1.4.4 pyproj==3.7.2 shapely==2.1.2 numpy && python insideArea.vectors.py
"""

import base64
import json
import pathlib
import zlib

import numpy as np
import pyproj
import rasterio
import shapely
from affine import Affine
from rasterio.features import rasterize
from shapely.affinity import translate

PIECES = 2000


def densified(ring):
    (x, y), share = np.array(ring).T, np.linspace(0, 1, PIECES, endpoint=False)
    sides = [np.column_stack((a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]))) for a, b in zip(ring, ring[1:])]
    return np.vstack([*sides, [[x[0], y[0]]]])


def burnt(epsg, transform, width, height, area, box):
    """Of areas beyond 180 degrees, what lies in a box of longitudes and latitudes that the projection shows without a seam."""
    to = pyproj.Transformer.from_crs("EPSG:4326", f"EPSG:{epsg}", always_xy=True)
    inside = np.zeros((height, width), np.uint8)
    for rings in area:
        for turn in (-360, 0, 360):
            part = translate(shapely.Polygon(rings[0], rings[1:]), turn).intersection(shapely.box(*box))
            for one in getattr(part, "geoms", [part]):
                if one.geom_type != "Polygon" or one.is_empty:
                    continue
                placed = [densified(ring.coords) for ring in (one.exterior, *one.interiors)]
                if epsg != 4326:
                    placed = [np.column_stack(to.transform(*ring.T)) for ring in placed]
                inside |= rasterize([shapely.Polygon(placed[0], placed[1:])], (height, width), transform=Affine(*transform), dtype=np.uint8)
    return inside


def hectares(epsg, transform, inside):
    """The pixels inside by their corners, as polygons on the ellipsoid with sides that are geodesics; none where a chip's pixels differ in size."""
    if transform[0] > (1000 if epsg != 4326 else 0.01):
        return None
    to = pyproj.Transformer.from_crs(f"EPSG:{epsg}", "EPSG:4326", always_xy=True)
    at, geod = Affine(*transform), pyproj.Geod(ellps="WGS84")
    total = 0
    for row in range(inside.shape[0]):
        columns = np.flatnonzero(inside[row])
        for run in np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1):
            for start in run[::4] if len(run) else []:
                end = min(start + 4, run[-1] + 1)
                xs, ys = zip(*(at * corner for corner in [(start, row), (start, row + 1), (end, row + 1), (end, row)]))
                total += abs(geod.polygon_area_perimeter(*to.transform(xs, ys))[0])
    return total / 10_000


def star(x, y, out, within, points=9, ring=1):
    angles = np.arange(2 * points) * np.pi / points
    reach = np.where(np.arange(2 * points) % 2, within, out)
    corners = [[round(x + r * ring * np.cos(a), 7), round(y + r * np.sin(a), 7)] for a, r in zip(angles, reach)]
    return [*corners, corners[0]]


WORLD = (-180, -90, 180, 90)
GRIDS = [
    # The grid of s2-t29unu-60m-256.tif.
    ("Sentinel-2 in UTM, a star with a hole", 32629, [60, 0, 499980, 0, -60, 5845140], 256, 256,
     [[star(-8.89, 52.69, 0.06, 0.025), star(-8.89, 52.69, 0.012, 0.006, ring=-1)]], WORLD),
    ("Sentinel-2 in UTM, a long side and polygons that overlap", 32629, [60, 0, 499980, 0, -60, 5845140], 256, 256,
     [[[[-30, 52.66], [12, 52.67], [12, 52.70], [-30, 52.69], [-30, 52.66]]], [star(-8.85, 52.7, 0.03, 0.01)]], (-9.2, 52, -8.6, 53)),
    # That of L7_ETMs.tif.
    ("Landsat in SIRGAS 2000", 31985, [28.5, 0, 288776.25, 0, -28.5, 9120760.75], 349, 352, [[star(-34.87, -8.0, 0.05, 0.02)]], WORLD),
    # That of sea ice by NSIDC, in pixels of 25 km, and of CORINE Land Cover.
    ("sea ice in polar stereographic, over the antimeridian", 3413, [25000, 0, -3850000, 0, -25000, 5850000], 304, 448,
     [[[[150, 62], [230, 62], [230, 89], [150, 89], [150, 62]]]], (0, 0, 360, 90)),
    ("sea ice in polar stereographic, around the pole", 3413, [25000, 0, -3850000, 0, -25000, 5850000], 304, 448,
     [[[[-170.3, 70], [189.7, 70], [189.7, 90], [-170.3, 90], [-170.3, 70]]]], (-170.3, 0, 189.7, 90)),
    ("land cover in LAEA", 3035, [1000, 0, 4000000, 0, -1000, 3000000], 400, 400, [[star(10.3, 49, 2.2, 1.1), star(10.3, 49, 0.6, 0.3)]], WORLD),
    # That of ESA CCI land cover.
    ("land cover in degrees", 4326, [1 / 360, 0, 25, 0, -1 / 360, 50], 256, 200, [[star(25.35, 49.75, 0.3, 0.1, ring=1.3)]], WORLD),
    ("a geographic grid of the earth", 4326, [0.5, 0, -180, 0, -0.5, 90], 720, 360, [[star(175.3, 10.2, 20, 9)], [star(20.1, 5.3, 9, 4)]], WORLD),
    ("a geographic grid from 0 to 360", 4326, [0.5, 0, 0, 0, -0.5, 90], 720, 360, [[star(175.3, 10.2, 20, 9)], [star(-20.1, 5.3, 30, 11)]], (0, -90, 360, 90)),
    ("UTM over the antimeridian, cut there", 32760, [100, 0, 700000, 0, -100, 8100000], 400, 300,
     [[[[179.1, -17.4], [180, -17.3], [180, -17.2], [179.1, -17.25], [179.1, -17.4]]], [[[-180, -17.3], [-179.2, -17.35], [-179.2, -17.19], [-180, -17.2], [-180, -17.3]]]], (178, -20, 182, -15)),
    ("Web Mercator of the earth", 3857, [100000, 0, -20037508.34, 0, -100000, 10000000], 401, 200, [[star(175.3, 10.2, 20, 9)], [star(20.1, 5.3, 9, 4)]], WORLD),
]
vectors = []
for what, epsg, transform, width, height, area, box in GRIDS:
    inside = burnt(epsg, transform, width, height, area, box)
    moves = [(0.003, 0), (-0.003, 0), (0, 0.003), (0, -0.003)]
    moved = [burnt(epsg, list(Affine(*transform) @ Affine.translation(*by))[:6], width, height, area, box) for by in moves]
    unsure = np.flatnonzero(np.any([other != inside for other in moved], axis=0)).tolist()
    packed = base64.b64encode(zlib.compress(np.packbits(inside).tobytes(), 9)).decode()
    about = {"what": what, "epsg": epsg, "transform": [transform[i] for i in (2, 0, 1, 5, 3, 4)], "width": width, "height": height}
    vectors.append({**about, "area": area, "pixels": int(inside.sum()), "unsure": unsure, "hectares": hectares(epsg, transform, inside), "inside": packed})
    print(what, inside.sum(), len(unsure), vectors[-1]["hectares"])

target = pathlib.Path(__file__).with_name("insideArea.vectors.json")
versions = {"rasterio": rasterio.__version__, "gdal": rasterio.__gdal_version__, "pyproj": pyproj.__version__, "proj": pyproj.proj_version_str}
target.write_text(json.dumps({**versions, "grids": vectors}) + "\n")
