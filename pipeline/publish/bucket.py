"""A bucket of an S3-compatible store, by boto3; what it refuses is said in one sentence."""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, NamedTuple

from pipeline.publish.commands import redact
from pipeline.publish.progress import WORKERS
from pipeline.publish.target import failure

CONNECT, READ = 10, 30  # seconds
TRIES = 3
MUST = "must be a store that takes a release"
BATCH = 1000  # keys that one request may delete
FIXES = {
    "Credentials|credentials|Token|SSO": "aws configure, or AWS_PROFILE; see docs/publishing.md",
    "ProfileNotFound": "one of `aws configure list-profiles`",
    "NoSuchBucket": "make the bucket, or mend its name in publishconf.py",
    "SignatureDoesNotMatch|InvalidAccessKeyId|403|AccessDenied": "a key that may read and write it",
    "Connect|Endpoint|Timeout|HTTPClient": "see whether it is up; run it again",
    "QuotaExceeded|EntityTooLarge|507": "make room there",
}


class Found(NamedTuple):
    """An object as it was read: its bytes, and its age in seconds by the store's own clock."""

    data: bytes
    age: float


class Bucket:
    """A bucket: keys, which are paths, and bytes. Every method raises ProblemsFound."""

    def __init__(self, name: str, endpoint: str = "", region: str = "", profile: str = "") -> None:
        self.name, self.endpoint, self.region, self.profile = name, endpoint, region, profile

    @property
    def place(self) -> str:
        """How it is called in what is said."""
        host = re.sub(r"^\w+://([^/@]*@)?", "", self.endpoint).rstrip("/")
        return f"{host}/{self.name}" if host else f"s3://{self.name}"

    @cached_property
    def client(self) -> Any:
        """The client, with credentials from where the AWS tools find them, and nowhere else."""
        try:
            import boto3
            from botocore.config import Config
        except ImportError:
            raise failure(self.place, "must have boto3", "not installed", "./invoke s3") from None
        config = Config(
            connect_timeout=CONNECT,
            read_timeout=READ,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            max_pool_connections=WORKERS,
            # Checksums that stores other than AWS do not know; Content-MD5 is known to all.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if self.endpoint else "auto"},
        )
        with self.said():
            session = boto3.Session(profile_name=self.profile or None)
            region = self.region or session.region_name or "us-east-1"
            own = {"endpoint_url": self.endpoint} if self.endpoint else {}
            return session.client("s3", region_name=region, config=config, **own)

    def read(self, key: str) -> Found | None:
        """Return an object, or None where there is none."""
        client = self.client
        with self.said():
            try:
                answer = client.get_object(Bucket=self.name, Key=key)
            except client.exceptions.NoSuchKey:
                return None
            now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
            changed: datetime = answer["LastModified"]
            return Found(answer["Body"].read(), (now - changed).total_seconds())

    def write(self, key: str, data: bytes, **more: Any) -> None:
        """Put an object; the store compares what arrives with its MD5."""
        digest = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        client = self.client
        with self.said():
            client.put_object(Bucket=self.name, Key=key, Body=data, ContentMD5=digest, **more)

    def create(self, key: str, data: bytes) -> bool:
        """Put an object where there is none; return whether it was put.

        A store that does not know If-None-Match puts it always.
        """
        from botocore.exceptions import ClientError

        client = self.client
        with self.said():
            try:
                client.put_object(Bucket=self.name, Key=key, Body=data, IfNoneMatch="*")
            except ClientError as error:
                if error.response["Error"]["Code"] not in ("PreconditionFailed", "412", "409"):
                    raise
                return False
        return True

    def copy(self, source: str, key: str, headers: Mapping[str, str]) -> None:
        """Copy an object inside the store, with headers of its own."""
        client = self.client
        with self.said():
            client.copy_object(
                Bucket=self.name,
                Key=key,
                CopySource={"Bucket": self.name, "Key": source},
                MetadataDirective="REPLACE",
                **headers,
            )

    def sizes(self) -> dict[str, int]:
        """Return the size of each object in bytes."""
        client = self.client
        with self.said():
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.name)
            return {o["Key"]: o["Size"] for page in pages for o in page.get("Contents", ())}

    def delete(self, keys: Iterable[str]) -> None:
        """Delete objects; one that is not there is none to be deleted."""
        todo = [{"Key": key} for key in keys]
        client = self.client
        with self.said():
            for start in range(0, len(todo), BATCH):
                batch = {"Objects": todo[start : start + BATCH], "Quiet": True}
                answer = client.delete_objects(Bucket=self.name, Delete=batch)
                for error in answer.get("Errors", ())[:1]:
                    found = f"{error.get('Key')} was not deleted: {error.get('Code')}"
                    raise failure(self.place, MUST, found)

    @contextmanager
    def said(self) -> Iterator[None]:
        """Say what the store or boto3 refuses as a problem of the target."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            details = error.response["Error"]
            code = str(details.get("Code", ""))
            found = f"{code}: {details.get('Message', '')}"
            raise failure(self.place, MUST, plain(found), fix_for(code)) from None
        except (BotoCoreError, OSError) as error:
            kind = type(error).__name__
            raise failure(self.place, MUST, plain(str(error)), fix_for(kind)) from None


def plain(text: str) -> str:
    """Return a message as one line, without credentials."""
    return redact(" ".join(text.split()).rstrip(".:"))


def fix_for(kind: str) -> str:
    """Return what mends an error of that code or class."""
    return next((fix for pattern, fix in FIXES.items() if re.search(pattern, kind)), "")
