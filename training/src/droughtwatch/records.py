"""TFRecord files: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details, read without TensorFlow."""

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import google_crc32c
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message

from droughtwatch.errors import WrongUse

HEADER = struct.Struct("<QI")
FOOTER = struct.Struct("<I")
MAX_RECORD_BYTES = 64 * 1024**2
"""As Swath has it by default: `maxRecordBytes` of docs/limits.md."""


def read_records(path: Path) -> Iterator[bytes]:
    """The records of a file, each held against both of its checksums.

    Raises WrongUse with the record's place where one is damaged or cut off.
    """
    with path.open("rb") as file:
        index = 0
        while header := file.read(HEADER.size):
            where = f"{path}: record {index}"
            if len(header) < HEADER.size:
                raise WrongUse(f"{where}: is cut off")
            length, checksum = HEADER.unpack(header)
            if masked_crc(header[:8]) != checksum:
                raise WrongUse(f"{where}: found a damaged length; is it a TFRecord file?")
            if length > MAX_RECORD_BYTES:
                raise WrongUse(f"{where}: found {length} bytes, allowed are at most {MAX_RECORD_BYTES}")
            data, footer = file.read(length), file.read(FOOTER.size)
            if len(data) < length or len(footer) < FOOTER.size:
                raise WrongUse(f"{where}: is cut off")
            if (masked_crc(data),) != FOOTER.unpack(footer):
                raise WrongUse(f"{where}: found damaged data, its checksum is another one")
            yield data
            index += 1


def write_records(path: Path, records: Iterable[bytes]) -> None:
    """Writes a file of records."""
    with path.open("wb") as file:
        for data in records:
            length = struct.pack("<Q", len(data))
            file.writelines((length, FOOTER.pack(masked_crc(length)), data, FOOTER.pack(masked_crc(data))))


def masked_crc(data: bytes) -> int:
    """CRC-32C, rotated and shifted as TFRecord has it."""
    crc: int = google_crc32c.value(data)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def _example_class() -> type[Message]:
    """tf.train.Example, as tensorflow/core/example/example.proto and feature.proto have it."""
    field = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="example.proto", package="tensorflow", syntax="proto3")
    for name, kind in (("BytesList", field.TYPE_BYTES), ("FloatList", field.TYPE_FLOAT), ("Int64List", field.TYPE_INT64)):
        file.message_type.add(name=name).field.add(name="value", number=1, type=kind, label=field.LABEL_REPEATED)
    feature = file.message_type.add(name="Feature")
    feature.oneof_decl.add(name="kind")
    for number, kind_name in enumerate(("BytesList", "FloatList", "Int64List"), start=1):
        list_name = kind_name.removesuffix("List").lower() + "_list"
        feature.field.add(
            name=list_name,
            number=number,
            type=field.TYPE_MESSAGE,
            type_name=f".tensorflow.{kind_name}",
            label=field.LABEL_OPTIONAL,
            oneof_index=0,
        )
    features = file.message_type.add(name="Features")
    entry = features.nested_type.add(name="FeatureEntry")
    entry.options.map_entry = True
    entry.field.add(name="key", number=1, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL)
    entry.field.add(name="value", number=2, type=field.TYPE_MESSAGE, type_name=".tensorflow.Feature", label=field.LABEL_OPTIONAL)
    features.field.add(
        name="feature",
        number=1,
        type=field.TYPE_MESSAGE,
        type_name=".tensorflow.Features.FeatureEntry",
        label=field.LABEL_REPEATED,
    )
    example = file.message_type.add(name="Example")
    example.field.add(name="features", number=1, type=field.TYPE_MESSAGE, type_name=".tensorflow.Features", label=field.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found: type[Message] = message_factory.GetMessageClass(pool.FindMessageTypeByName("tensorflow.Example"))
    return found


_Example = _example_class()


class Record:
    """The features of one record."""

    def __init__(self, data: bytes, where: str) -> None:
        """Raises WrongUse, which begins with `where`, where the data are no tf.train.Example."""
        self._where = where
        try:
            example: Any = _Example.FromString(data)
            self._features: Any = example.features.feature
        except DecodeError:
            raise WrongUse(f"{where}: is no tf.train.Example") from None
        self._example = example

    def bytes_of(self, name: str, length: int) -> bytes:
        """A feature of so many bytes; raises WrongUse where it is none."""
        values = self._values(name).bytes_list.value
        found = len(values[0]) if len(values) == 1 else None
        if found != length:
            raise WrongUse(f"{self._where}: feature {name}: found {found or 'no'} bytes, allowed are {length}")
        data: bytes = values[0]
        return data

    def class_of(self, name: str, classes: int) -> int | None:
        """A feature of one whole number below `classes`, or None where there is none; raises WrongUse where it is something else."""
        if name not in self._features:
            return None
        feature = self._features[name]
        kind = feature.WhichOneof("kind")
        if kind is None or not getattr(feature, kind).value:
            return None
        values = list(feature.int64_list.value)
        if len(values) != 1 or not 0 <= values[0] < classes:
            raise WrongUse(f"{self._where}: feature {name}: found {values}, allowed is one of 0 to {classes - 1}")
        return int(values[0])

    def labelled(self, name: str, label: int) -> bytes:
        """The record's data with this number as a feature."""
        self._features[name].int64_list.value[:] = [label]
        data: bytes = self._example.SerializeToString(deterministic=True)
        return data

    def _values(self, name: str) -> Any:  # noqa: ANN401 — the class is made at run time
        if name not in self._features:
            raise WrongUse(f"{self._where}: found no feature {name}, allowed are {', '.join(sorted(self._features))}")
        return self._features[name]
