"""What the stand-in is told: environment variables in, ministack's own variables out."""
from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    auth: bool  # signatures and IAM policies are checked
    port: int  # 0: any free one
    account: str
    region: str
    network: str  # "loopback" or "netns"
    images_file: str  # JSON: {"part of an image's name": {"argv": [...], "env": {...}}}
    cloudformation_delay: float  # seconds that each resource takes
    steady_timeout: float  # seconds that CloudFormation waits for an ECS service
    health_interval: float | None  # seconds, instead of what task definitions say
    fargate_vcpus: float  # the account's quota
    info_file: str  # written once the port is known
    follow_stdin: bool  # end when standard input does: whoever started us is gone

    @staticmethod
    def from_environment(env=os.environ) -> Settings:
        root = os.geteuid() == 0 and sys.platform == "linux"
        interval = env.get("AWSSIM_HEALTH_INTERVAL", "")
        return Settings(
            auth=env.get("AWSSIM_AUTH", "true") == "true",
            port=int(env.get("AWSSIM_PORT", "4566")),
            account=env.get("AWSSIM_ACCOUNT", "123456789012"),
            region=env.get("AWSSIM_REGION", "eu-central-1"),
            network=env.get("AWSSIM_NETWORK") or ("netns" if root else "loopback"),
            images_file=env.get("AWSSIM_IMAGES", ""),
            cloudformation_delay=float(env.get("AWSSIM_CFN_DELAY", "0")),
            steady_timeout=float(env.get("AWSSIM_STEADY_TIMEOUT", "60")),
            health_interval=float(interval) if interval else None,
            fargate_vcpus=float(env.get("AWSSIM_FARGATE_VCPUS", "6")),
            info_file=env.get("AWSSIM_INFO", ""),
            follow_stdin=env.get("AWSSIM_FOLLOW_STDIN", "false") == "true",
        )

    def images(self) -> dict:
        """Read anew each time, so that a test can make an image appear."""
        if not self.images_file or not os.path.exists(self.images_file):
            return {}
        with open(self.images_file, encoding="utf-8") as f:
            return json.load(f)

    def tell_ministack(self, port: int, state: str) -> None:
        """Sets the variables that ministack, and the Lambdas that inherit them, read. Before ministack is imported."""
        os.environ.update({
            "AUTH": "true" if self.auth else "false",
            "GATEWAY_PORT": str(port),
            "MINISTACK_ACCOUNT_ID": self.account,
            "MINISTACK_REGION": self.region,
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            # The root user of the account.
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            # Listeners on fixed ports that nobody here needs.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "TMPDIR": os.path.join(state, "tmp"),
            # Marks every process that we start, for whoever cleans up after us.
            "AWSSIM_STATE": state,
            # ministack looks itself up among its "containers" by this name, see docker_client.py.
            "HOSTNAME": "awssim",
        })
        os.environ.setdefault("LOG_LEVEL", "WARNING")
        os.makedirs(os.environ["TMPDIR"], exist_ok=True)
