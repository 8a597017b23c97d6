"""Writes cubes.vectors.json: small Zarr stores, with their values as xarray reads them (mask_and_scale=False).

    pip install xarray==2026.9.0 zarr==3.1.6 rasterio==1.4.4 && python vectors.py
"""

import base64
import json
import pathlib
import shutil
import tempfile
import warnings

import numcodecs
import numpy as np
import rasterio
import xarray
import zarr
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, GzipCodec, ShardingCodec, TransposeCodec, ZstdCodec
from zarr.codecs import numcodecs as wrapped

warnings.filterwarnings("ignore")
random = np.random.default_rng(7)
vectors = []


def grid(width=14, height=11, metres=10.0, up=False):
    x = 500_000 + metres * (np.arange(width) + 0.5)
    y = 5_800_000 - metres * (np.arange(height) + 0.5)
    return {"x": x, "y": y[::-1] if up else y}


def band(kind, width=14, height=11):
    if kind.startswith("f"):
        return random.normal(size=(height, width)).astype(kind)
    info = np.iinfo(kind)
    return random.integers(info.min, info.max, (height, width), dtype=kind, endpoint=True)


def files_of(folder):
    return {
        str(file.relative_to(folder)): base64.b64encode(file.read_bytes()).decode()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def number(value):
    return str(value) if isinstance(value, (np.int64, np.uint64)) or value != value or abs(value) == np.inf else value.item()


def store(what, version, dataset, encoding=None, names=("b02",), group=None, **more):
    folder = pathlib.Path(tempfile.mkdtemp()) / "a.zarr"
    dataset.to_zarr(folder, zarr_format=version, encoding=encoding or {}, consolidated=True)
    add(what, folder, dataset, names, **more)


def add(what, folder, dataset, names, up=False, meant=None, **more):
    read = xarray.open_zarr(folder, mask_and_scale=False, **({"group": more.pop("group")} if "group" in more else {}))
    bands = {}
    for name in names:
        values = read[name].transpose(..., "y", "x").values.reshape(-1, read.sizes["y"], read.sizes["x"])[0]
        values = values.view(meant or values.dtype)
        bands[name] = [number(one) for one in (values[::-1] if up else values).ravel()]
    vectors.append({"what": what, "files": files_of(folder), "type": meant or str(read[names[0]].dtype), "bands": bands, **more})
    shutil.rmtree(folder.parent)


PLACE = {"transform": [500_000, 10, 0, 5_800_000, 0, -10]}
for kind in ["u1", "i1", "u2", "i2", "u4", "i4", "i8", "u8", "f4", "f8"]:
    one = xarray.Dataset({"b02": (("y", "x"), band(kind))}, coords=grid())
    store(f"Zarr 2 of {np.dtype(kind)}", 2, one, {"b02": {"chunks": (4, 5)}}, **PLACE)
    store(f"Zarr 3 of {np.dtype(kind)}", 3, one, {"b02": {"chunks": (4, 5)}}, **PLACE)

one = xarray.Dataset({"b02": (("y", "x"), band("u2"))}, coords=grid())
for name, codec in {
    "blosc with lz4 and shuffled bytes": numcodecs.Blosc("lz4", shuffle=1),
    "blosc with zstd and shuffled bits": numcodecs.Blosc("zstd", shuffle=2),
    "blosc with zlib": numcodecs.Blosc("zlib", shuffle=0),
    "blosc with blosclz": numcodecs.Blosc("blosclz"),
    "zstd": numcodecs.Zstd(),
    "gzip": numcodecs.GZip(),
    "zlib": numcodecs.Zlib(),
    "lz4": numcodecs.LZ4(),
    "no codec": None,
}.items():
    store(f"Zarr 2 with {name}", 2, one, {"b02": {"chunks": (4, 5), "compressors": codec}})
store("Zarr 2 with differences as a filter", 2, one, {"b02": {"chunks": (4, 5), "filters": [numcodecs.Delta("<u2")]}})
big = one.astype(">u2")
store("Zarr 2 with the bytes of big-endian machines", 2, big, {"b02": {"chunks": (4, 5), "dtype": ">u2"}})
for name, codec in {
    "blosc": BloscCodec(cname="zstd", shuffle="bitshuffle"),
    "zstd": ZstdCodec(),
    "gzip": GzipCodec(),
}.items():
    store(f"Zarr 3 with {name}", 3, one, {"b02": {"chunks": (4, 5), "compressors": [codec]}})
store("Zarr 3 of shards", 3, one, {"b02": {"chunks": (4, 5), "shards": (8, 10)}}, **PLACE)
store("Zarr 3 of one shard with blosc", 3, one, {"b02": {"chunks": (3, 7), "shards": (12, 14), "compressors": [BloscCodec()]}})
store("rows from the south", 3, xarray.Dataset({"b02": (("y", "x"), band("i2"))}, coords=grid(up=True)), {"b02": {"chunks": (4, 5)}}, up=True, **PLACE)

for version in (2, 3):
    packed = xarray.Dataset({"b02": (("y", "x"), band("i2") * 0.0001 - 0.1)}, coords=grid())
    encoding = {"b02": {"dtype": "int16", "scale_factor": 0.0001, "add_offset": -0.1, "_FillValue": -32768}}
    store(f"Zarr {version} of packed values", version, packed, encoding, scale=0.0001, offset=-0.1, nodata="-32768")
    store(f"Zarr {version} with NaN as nodata", version, xarray.Dataset({"b02": (("y", "x"), band("f4"))}, coords=grid()), nodata="NaN")

dated = one.expand_dims(time=[np.datetime64("2018-01-06T15:33:21", "ns")])
store("of one date", 3, dated, start="2018-01-06T15:33:21.000Z")
store("of one date, in seconds", 2, dated, {"time": {"units": "seconds since 1970-01-01", "dtype": "int64"}}, start="2018-01-06T15:33:21.000Z")
crs = one.assign_coords(spatial_ref=((), 0, {"crs_wkt": 'PROJCS["a",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]]],AUTHORITY["EPSG","32629"]]'}))
crs.b02.encoding["grid_mapping"] = "spatial_ref"
store("with the CRS of rioxarray", 3, crs, crs="EPSG:32629")
degrees = one.assign_coords(x=("x", 10 + 0.01 * np.arange(14), {"units": "degrees_east"}), y=("y", 50 - 0.01 * np.arange(11)))
store("of longitude and latitude", 3, degrees.rename(x="lon", y="lat").rename(lon="x", lat="y"), crs="EPSG:4326")

folder = pathlib.Path(tempfile.mkdtemp()) / "a.zarr"
root = zarr.open_group(folder, mode="w", zarr_format=2, attributes={"stac_discovery": {"properties": {"datetime": "2018-01-06T15:33:21Z", "proj:epsg": 32629}}, "other_metadata": {"horizontal_CRS_code": "EPSG:32629"}})
sizes = {"r10m": (24, 12, 10.0, ["b02", "b03"]), "r20m": (12, 6, 20.0, ["b02", "b11"]), "r60m": (4, 2, 60.0, ["b01", "b02"])}
expected = {}
for group, (width, height, metres, names) in sizes.items():
    dataset = xarray.Dataset({name: (("y", "x"), band("u2", width, height)) for name in names}, coords=grid(width, height, metres))
    for name in names:
        dataset[name].attrs = {"fill_value": 0, "scale_factor": 0.0001, "add_offset": -0.1, "proj:epsg": 32629}
        repeat = int(metres // 10)
        expected.setdefault(name, dataset[name].values.repeat(repeat, 0).repeat(repeat, 1).ravel().tolist())
    codec = {name: {"chunks": (6, 5), "compressors": numcodecs.Blosc("zstd", shuffle=2)} for name in names}
    dataset.to_zarr(folder, group=f"measurements/reflectance/{group}", zarr_format=2, encoding=codec, consolidated=False)
for group in ("conditions/mask/detector_footprint/r10m", "quality/mask/r10m"):
    masks = xarray.Dataset({name: (("y", "x"), np.full((12, 24), 7, "u1")) for name in ("b02", "b03")})
    masks.to_zarr(folder, group=group, zarr_format=2, consolidated=False)
zarr.consolidate_metadata(folder)
vectors.append({"what": "of groups of 10, 20 and 60 m, as ESA publishes Sentinel-2 (EOPF)", "files": files_of(folder), "type": "uint16", "bands": expected, "crs": "EPSG:32629", "scale": 0.0001, "offset": -0.1, "nodata": "0", "start": "2018-01-06T15:33:21Z", **PLACE})

def lone(variables, **attributes):
    """The files of a small store of version 3, for what is refused."""
    folder = pathlib.Path(tempfile.mkdtemp()) / "a.zarr"
    xarray.Dataset(variables, attrs=attributes).to_zarr(folder, zarr_format=3, consolidated=True)
    return files_of(folder)


plain = band("u2", 6, 4)
kilometres = np.array([0.0, 10, 20, 31, 40, 50])
refused = {
    "two dates": lone({"b02": (("time", "y", "x"), np.stack([plain, plain]))}),
    "heights": lone({"b02": (("height", "y", "x"), np.stack([plain, plain]))}),
    "unequal": lone({"b02": (("y", "x"), plain), "x": kilometres, "y": np.arange(4.0)}),
    "curved": lone({"b02": (("j", "i"), plain, {"coordinates": "lat lon"}), "lat": (("j", "i"), plain * 0.1), "lon": (("j", "i"), plain * 0.2)}),
    "bare": lone({"b02": (("j", "i"), plain)}),
    "bands": lone({"all": (("band", "y", "x"), np.stack([plain, plain[::-1]]), {"long_name": ["b02", "b03"]})}),
}
for version in (2, 3):
    for what, kind in {"fixed": "U3", "variable": object}.items():
        folder = pathlib.Path(tempfile.mkdtemp()) / "a.zarr"
        names = {"band": ("band", np.array(["b03", "b02"], kind))}
        xarray.Dataset({"all": (("band", "y", "x"), np.stack([plain[::-1], plain]))}, coords=names).to_zarr(folder, zarr_format=version, consolidated=True)
        refused[f"labels of {what} length in Zarr {version}"] = files_of(folder)
folder = pathlib.Path(tempfile.mkdtemp()) / "a.zarr"
xarray.Dataset({"b02": (("y", "x"), plain)}).to_zarr(folder, zarr_format=3, consolidated=False)
refused["without consolidated metadata"] = files_of(folder)

for version in (2, 3):
    for what, kind in {"booleans": "?", "floats of 16 bits": "f2"}.items():
        folder = pathlib.Path(tempfile.mkdtemp()) / "a.zarr"
        group = zarr.open_group(folder, mode="w", zarr_format=version)
        values = (plain % 3 == 0) if kind == "?" else (plain / 7).astype(kind)
        about = {"attributes": {"_ARRAY_DIMENSIONS": ["y", "x"]}} if version == 2 else {"dimension_names": ["y", "x"]}
        group.create_array("b02", shape=values.shape, chunks=(3, 4), dtype=kind, **about)[:] = values
        zarr.consolidate_metadata(folder)
        read = zarr.open_group(folder, mode="r")["b02"][:]
        kept = {"what": f"{what} in Zarr {version}", "files": files_of(folder), "type": "uint8" if kind == "?" else "float32"}
        vectors.append({**kept, "bands": {"b02": read.ravel().astype("u1" if kind == "?" else "f4").tolist()}})

first = xarray.Dataset({"b02": (("y", "x"), band("i8"))}, coords=grid()).expand_dims(time=[np.datetime64("2018-01-06", "ns")])
days = {"units": "days since 2018-01-06", "dtype": "int64"}  # 0, of which no chunk is written
store("Zarr 2 of int64 without a fill value", 2, first, {"b02": {"chunks": (1, 4, 5)}, "time": days}, nodata="null", start="2018-01-06T00:00:00.000Z")

folder = pathlib.Path(tempfile.mkdtemp()) / "b02.zarr"
values = band("u2")
place = {"crs": "EPSG:32629", "transform": rasterio.transform.from_origin(500_000, 5_800_000, 10, 10)}
with rasterio.open(folder, "w", driver="Zarr", width=14, height=11, count=1, dtype="uint16", **place) as file:
    file.write(values, 1)
vectors.append({"what": "as GDAL writes it", "files": files_of(folder), "type": "uint16", "bands": {"b02": values.ravel().tolist()}, "crs": "EPSG:32629", **PLACE})



def coded(version, values, fill=0, **codecs):
    """The files of a store whose one band is coded in an unusual way, and the values that zarr reads."""
    folder = pathlib.Path(tempfile.mkdtemp()) / "a.zarr"
    group = zarr.open_group(folder, mode="w", zarr_format=version)
    about = {"attributes": {"_ARRAY_DIMENSIONS": ["y", "x"]}} if version == 2 else {"dimension_names": ["y", "x"]}
    array = {"shape": values.shape, "chunks": (4, 5), "dtype": values.dtype, "fill_value": fill, "compressors": None}
    group.create_array("b02", **{**array, **about, **codecs})[:] = values
    zarr.consolidate_metadata(folder)
    return files_of(folder), zarr.open_group(folder, mode="r")["b02"][:]


def sharded(**how):
    return {"chunks": (12, 15), "serializer": ShardingCodec(chunk_shape=(4, 5), codecs=[BytesCodec()], **how)}


whole, steps = band("u2"), np.arange(154).reshape(11, 14).astype("i2") * 7 - 300
tenths = (steps / 10).astype("f4")
scaled = numcodecs.FixedScaleOffset(0, 10, "<f4", "<i2")
for what, (version, values, codecs) in {
    "Zarr 3 of shards whose index comes first": (3, whole, sharded(index_location="start")),
    "Zarr 3 of shards whose index comes first, without a checksum": (3, whole, sharded(index_location="start", index_codecs=[BytesCodec()])),
    "Zarr 3 with a checksum": (3, whole, {"compressors": [Crc32cCodec()]}),
    "Zarr 3 with a checksum of numcodecs": (3, whole, {"compressors": [wrapped.CRC32C()]}),
    "Zarr 2 with a checksum": (2, whole, {"compressors": [numcodecs.CRC32C()]}),
    "Zarr 2 with a checksum before the values": (2, whole, {"filters": [numcodecs.CRC32C(location="start")]}),
    "Zarr 2 with shuffled bytes of other elements than its values": (2, whole, {"filters": [numcodecs.Shuffle(4)]}),
    "Zarr 2 with packed values, whose fill value is NaN": (2, tenths, {"filters": [scaled], "fill": np.nan}),
    "Zarr 2 with differences of packed values": (2, tenths, {"filters": [scaled, numcodecs.Delta("<i2")]}),
    "Zarr 2 with differences of big-endian values": (2, steps.astype(">i2"), {"filters": [numcodecs.Delta(">i2")]}),
}.items():
    files, read = coded(version, values, **codecs)
    kind = read.dtype.newbyteorder("=").name
    vectors.append({"what": what, "files": files, "type": kind, "bands": {"b02": [number(one) for one in read.ravel()]}})
for what, (version, values, codecs) in {
    "differences of another type": (2, steps.astype("f4"), {"filters": [numcodecs.Delta("<f4", astype="<i4")]}),
    "differences of another type in Zarr 3": (3, steps.astype("f4"), {"filters": [wrapped.Delta(dtype="<f4", astype="<i4")]}),
    "differences of another byte order": (2, steps, {"filters": [numcodecs.Delta("<i2", astype=">i2")]}),
    "packed values of another byte order": (2, tenths, {"filters": [numcodecs.FixedScaleOffset(0, 10, "<f4", ">i2")]}),
    "transposed shards": (3, whole, {**sharded(), "filters": [TransposeCodec(order=(1, 0))]}),
}.items():
    refused[what] = coded(version, values, **codecs)[0]

for version, stored, meant, unsigned, fill, nodata in (
    (2, "int16", "uint16", "true", -1, "65535"),
    (3, "int64", "uint64", "true", -1, "18446744073709551615"),
    (2, "uint8", "int8", "false", 255, "-1"),
    (3, "uint32", "int32", "false", 2**32 - 1, "-1"),
):
    turned = xarray.Dataset({"b02": (("y", "x"), band(meant).view(stored), {"_Unsigned": unsigned, "_FillValue": fill})}, coords=grid())
    store(f"Zarr {version} of {stored} that is {meant} by an attribute", version, turned, {"b02": {"chunks": (4, 5)}}, meant=meant, nodata=nodata)

target = pathlib.Path(__file__).with_name("cubes.vectors.json")
target.write_text(json.dumps({"xarray": xarray.__version__, "zarr": zarr.__version__, "vectors": vectors, "plain": plain.ravel().tolist(), "others": refused}) + "\n")
print(target.stat().st_size, len(vectors))
