"""x-amz-expected-bucket-owner, which ministack does not look at: a bucket of another account is refused."""
from __future__ import annotations

from ministack.services import s3


async def handle(method, path, headers, body, query, _handle=s3.handle_request):
    expected, bucket = headers.get("x-amz-expected-bucket-owner"), path.lstrip("/").partition("/")[0]
    owner = s3._bucket_owner_account(bucket)
    if expected and owner and expected != owner:
        status, fields, text = s3._error("AccessDenied", "Access Denied", 403, path)
        return status, fields, b"" if method == "HEAD" else text
    return await _handle(method, path, headers, body, query)


def install() -> None:
    s3.handle_request = handle
