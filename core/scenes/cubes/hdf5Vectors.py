"""Writes hdf5.vectors.json: small NetCDF4 and HDF5 files, with their values as netCDF4 and h5py read them (nothing masked or scaled).

    pip install netCDF4==1.7.5.1.post1 h5py==3.16.0 hdf5plugin==7.1.0 && python hdf5Vectors.py
"""

import base64
import json
import pathlib
import tempfile
import zlib

import h5py
import hdf5plugin
import netCDF4
import numpy as np

random = np.random.default_rng(7)
folder = pathlib.Path(tempfile.mkdtemp())
vectors, others = [], {}
WIDTH, HEIGHT = 14, 11
PLACE = {"transform": [500_000, 10, 0, 5_800_000, 0, -10]}


def band(kind, width=WIDTH, height=HEIGHT):
    if np.dtype(kind).kind == "f":
        return random.normal(size=(height, width)).astype(kind)
    info = np.iinfo(kind)
    return random.integers(info.min, info.max, (height, width), dtype=np.dtype(kind).newbyteorder("="), endpoint=True).astype(kind)


def number(value):
    return str(value) if isinstance(value, (np.int64, np.uint64)) or value != value else value.item()


def encoded(path):
    return base64.b64encode(zlib.compress(path.read_bytes(), 9)).decode()


def sides(group, width=WIDTH, height=HEIGHT, metres=10.0, up=False, names=("y", "x")):
    y = 5_800_000 - metres * (np.arange(height) + 0.5)
    for name, values in zip(names, (y[::-1] if up else y, 500_000 + metres * (np.arange(width) + 0.5))):
        group.createDimension(name, len(values))
        group.createVariable(name, "f8", (name,))[:] = values


def variable(group, name, values, attributes={}, dimensions=("y", "x"), **how):
    how = how or {"zlib": True, "shuffle": True, "chunksizes": (1,) * (len(dimensions) - 2) + (4, 5)}
    one = group.createVariable(name, values.dtype, dimensions, **how)
    one.set_auto_maskandscale(False)
    one[:] = values
    one.setncatts(attributes)


def netcdf(what, write, **more):
    path = folder / "a.nc"
    with netCDF4.Dataset(path, "w") as file:
        write(file)
    with netCDF4.Dataset(path) as file:
        file.set_auto_maskandscale(False)
        values = file["b02"][:].reshape(-1, HEIGHT, WIDTH)[0]
    if more.pop("up", False):
        values = values[::-1]
    values = values.view(more.pop("meant", values.dtype))
    vectors.append({"what": what, "file": encoded(path), "type": values.dtype.name, "bands": {"b02": [number(one) for one in values.ravel()]}, **more})


def plain(what, write, name="b02", **more):
    path = folder / "a.h5"
    with h5py.File(path, "w") as file:
        write(file)
    with h5py.File(path) as file:
        values = file[name][:]
    vectors.append({"what": what, "file": encoded(path), "type": values.dtype.newbyteorder("=").name, "bands": {"b02": [number(one) for one in values.ravel()]}, **more})


def placed(*arguments, up=False, **how):
    def write(file):
        sides(file, up=up)
        variable(file, "b02", *arguments, **how)

    return write


for kind in ["u1", "i1", "u2", "i2", "u4", "i4", "i8", "u8", "f4", "f8"]:
    netcdf(f"NetCDF4 of {np.dtype(kind)}", placed(band(kind)), **PLACE)
netcdf("without chunks", placed(band("u2"), contiguous=True), **PLACE)
netcdf("with checksums", placed(band("u2"), zlib=True, fletcher32=True, chunksizes=(4, 5)), **PLACE)
netcdf("with the bytes of big-endian machines", placed(band("i4"), endian="big", chunksizes=(4, 5)))
netcdf("rows from the south", placed(band("i2"), up=True), up=True, **PLACE)
packed = {"scale_factor": 0.0001, "add_offset": -0.1}
netcdf("of packed values", placed(band("i2"), packed, zlib=True, fill_value=-32768), scale=0.0001, offset=-0.1, nodata="-32768")
netcdf("with a missing value", placed(band("f4"), {"missing_value": np.float32(-9999)}), nodata="-9999")
netcdf("of bytes that are unsigned by an attribute", placed(band("i1"), {"_Unsigned": "true"}, zlib=True, fill_value=-1), meant="u1", nodata="255")


def dated(file):
    sides(file)
    file.createDimension("time", None)
    variable(file, "b02", band("u2")[np.newaxis], dimensions=("time", "y", "x"))
    time = file.createVariable("time", "i8", ("time",))
    time.units = "seconds since 2018-01-01"
    time[:] = [5 * 86_400 + 15 * 3600 + 33 * 60 + 21]


netcdf("of one date", dated, start="2018-01-06T15:33:21.000Z")


def mapped(file):
    placed(band("u2"), {"grid_mapping": "crs"})(file)
    file.createVariable("crs", "S1").crs_wkt = 'PROJCS["a",GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]]],AUTHORITY["EPSG","32629"]]'


netcdf("with the CRS of a grid mapping", mapped, crs="EPSG:32629", **PLACE)


def grouped(file):
    sides(file)
    variable(file, "b02", band("u2"))
    inner = file.createGroup("coarse").createGroup("r20m")
    sides(inner, 7, 5, 20.0)
    variable(inner, "b02", band("u2", 7, 5))


netcdf("of groups of two resolutions, the finer of which counts", grouped, **PLACE)


def bare(file):
    file["b02"] = band(">f4")


def scaled(file):
    file.create_dataset("b02", data=band("i4") // 1000, chunks=(4, 5), scaleoffset=0)


def degrees(group):
    group.create_dataset("b02", data=band("u2"), chunks=(4, 5), compression="gzip")
    group["x"], group["y"] = 10 + 0.01 * np.arange(WIDTH), 50 - 0.01 * np.arange(HEIGHT)
    group["x"].attrs["units"] = "degrees_east"


def linked(file):
    inner = file.create_group("a")
    inner["up"], inner["b02"] = file["/"], band("u2")
    file["b02"] = h5py.SoftLink("/a/b02")
    file["gone"], file["far"] = h5py.SoftLink("/nowhere"), h5py.ExternalLink("b.h5", "/b02")


plain("HDF5 without dimensions, of big-endian machines", bare, transform=None)
plain("HDF5 with the filter scaleoffset", scaled)
plain("HDF5 with coordinates known by their names", degrees, crs="EPSG:4326")
plain("HDF5 with links in a circle and to nowhere", linked)


def other(name, write):
    path = folder / "b.h5"
    with h5py.File(path, "w") as file:
        write(file)
    others[name] = encoded(path)


def filtered(**how):
    return lambda file: file.create_dataset("b02", data=np.arange(2000, dtype="u2").reshape(40, 50), chunks=(40, 50), **how)


other("zstd", filtered(**hdf5plugin.Zstd()))
other("lzf", filtered(compression="lzf"))
other("szip", filtered(compression="szip") if h5py.h5z.filter_avail(4) else filtered(**hdf5plugin.BZip2()))
other("deflate", filtered(compression="gzip", fletcher32=True))


def virtual(file):
    layout = h5py.VirtualLayout((4, 6), "u2")
    layout[:] = h5py.VirtualSource("b.h5", "b02", (4, 6))
    file.create_virtual_dataset("b02", layout)


other("virtual", virtual)


def dates(file):
    file["b02"] = np.zeros((2, 4, 6), "u2")
    file["b02"].dims[0].label = "time"


other("dates", dates)
other("empty", lambda file: file.create_dataset("b02", (0, 6), "u2"))
other("half", lambda file: file.create_dataset("b02", data=np.ones((4, 6), "f2")))
other("bool", lambda file: file.create_dataset("b02", data=np.arange(24).reshape(4, 6) % 3 == 0))



def packed_sides(file):
    for name, size, start, step in (("x", WIDTH, 500_005, 10), ("y", HEIGHT, 5_799_995, -10)):
        file.createDimension(name, size)
        one = file.createVariable(name, "i2", (name,))
        one.set_auto_maskandscale(False)
        one.setncatts({"scale_factor": float(step), "add_offset": float(start), "units": "m"})
        one[:] = np.arange(size)
    variable(file, "b02", band("u2"), {"grid_mapping": "other: lat lon utm: x y"})
    for name, code in {"other": "EPSG:4326", "utm": "EPSG:32629"}.items():
        file.createVariable(name, "S1").crs_wkt = code


netcdf("with packed coordinates, and a grid mapping for each pair of them", packed_sides, crs="EPSG:32629", **PLACE)


def missing(file):
    values = band("i2")
    values.ravel()[:8] = np.repeat(np.array([-32768, -999, -998, -997], "i2"), 2)
    sides(file)
    about = {"missing_value": np.array([-999, -998], "i2"), "valid_range": np.array([-996, 32767], "i2")}
    variable(file, "b02", values, about, zlib=True, fill_value=-32768)


netcdf("with several missing values, and a valid range", missing, nodata="-32768", **PLACE)
one = vectors[-1]["bands"]["b02"]
one[:] = [-32768 if value < -996 else value for value in one]  # all are read as the first



def at(*minutes):
    def write(file):
        placed(band("u2"), {"coordinates": "time"})(file)
        time = file.createVariable("time", "i8")
        time.units = "min since 2018-01-06 15:00"
        time[...] = minutes

    return write


netcdf("of the one time of a scalar", at(33), start="2018-01-06T15:33:00.000Z", **PLACE)


def texts(file):
    placed(band("u2"), {"coordinates": "time"})(file)
    file.createVariable("time", str)[0] = "2018-01-06T15:33:21Z"


netcdf("with a scalar that is a text", texts, **PLACE)


def soft(file):
    degrees(file.create_group("v"))
    file["latest"], file["a_x"] = h5py.SoftLink("/v/b02"), h5py.SoftLink("/v/x")


def hard(file):
    degrees(file)
    file["a"], file["a_x"] = file["b02"], file["x"]


plain("HDF5 with soft links whose names come first", soft, "v/b02", crs="EPSG:4326")
plain("HDF5 with several names of a dataset", hard, crs="EPSG:4326")


def named(kind, **members):
    def write(file):
        degrees(file)
        del file["b02"]
        values = random.choice(np.array(list(members.values()), kind), (HEIGHT, WIDTH))
        file.create_dataset("b02", data=values, dtype=h5py.enum_dtype(members, kind), chunks=(4, 5), compression="gzip")

    return write


plain("HDF5 of signed bytes with names", named("i1", water=-2, cloud=-1, land=1, snow=3))
plain("HDF5 of unsigned bytes with names", named("u1", water=1, snow=200))
plain("HDF5 of whole numbers of 16 bits with names", named("i2", water=-600, land=900))

netcdf("of whole numbers that are signed by an attribute", placed(band("u2"), {"_Unsigned": "false"}, zlib=True, fill_value=65535), meant="i2", nodata="-1")

kelvin = {"scale_factor": np.float32(0.01), "add_offset": np.float32(290), "valid_min": np.float32(150), "valid_max": np.float32(400)}
netcdf("of packed values, with bounds of the unpacked ones", placed(band("i2"), kelvin), scale=float(np.float32(0.01)), offset=290, nodata="null")

target = pathlib.Path(__file__).with_name("hdf5.vectors.json")
target.write_text(json.dumps({"netCDF4": netCDF4.__version__, "h5py": h5py.__version__, "vectors": vectors, "others": others}) + "\n")
print(target.stat().st_size, len(vectors), h5py.h5z.filter_avail(4))
