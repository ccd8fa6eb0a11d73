"""What the containers of a task share: addresses, the network interface that EC2 shows, volumes."""
from __future__ import annotations

import os
import secrets
import time

from ministack.core.responses import request_scope
from ministack.services import ec2, ecs


class Task:
    def __init__(self, arn: str, record: dict, definition: dict, folder: str, network):
        self.arn, self.record, self.definition = arn, record, definition
        self.id = arn.rsplit("/", 1)[1]
        self.region, self.account = arn.split(":")[3:5]
        self.containers: dict[str, object] = {}
        self.folder = os.path.join(folder, self.id)
        self.volumes = {}
        for volume in definition.get("volumes", []):
            self.volumes[volume["name"]] = path = os.path.join(self.folder, "volume-" + volume["name"])
            os.makedirs(path, exist_ok=True)
        os.makedirs(self.folder, exist_ok=True)

        placement = self._placement()
        self._subnet_id = record.get("_subnet") or next(iter(placement.get("subnets") or []), "")
        self._subnet = ec2._subnets.get(self._subnet_id) or {}
        self._groups = placement.get("securityGroups") or []
        self._network = network
        self.interface = network.attach(self.id, self._subnet.get("CidrBlock", "172.31.0.0/20"),
                                        placement.get("assignPublicIp") == "ENABLED")
        self.attachment = self._attach()

    def _placement(self) -> dict:
        """The awsvpcConfiguration of the task's service; ministack keeps none on the task."""
        for service in ecs._services.values():
            if (self.record.get("group") == f"service:{service['serviceName']}"
                    and service["clusterArn"] == self.record["clusterArn"]):
                return (service.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
        return {}

    def _attach(self) -> dict:
        """Makes the elastic network interface; returns the attachment that DescribeTasks shows."""
        attachment, self._eni = secrets.token_hex(16), "eni-" + secrets.token_hex(9)[:17]
        mac = "02:" + ":".join(f"{b:02x}" for b in secrets.token_bytes(5))
        private = self.interface.private
        ec2._network_interfaces[self._eni] = {
            "NetworkInterfaceId": self._eni, "SubnetId": self._subnet_id, "VpcId": self._subnet.get("VpcId", ""),
            "AvailabilityZone": self._subnet.get("AvailabilityZone", ""), "Status": "in-use", "OwnerId": self.account,
            "Description": f"arn:aws:ecs:{self.region}:{self.account}:attachment/{attachment}",
            "InterfaceType": "interface", "SourceDestCheck": True, "MacAddress": mac,
            "PrivateIpAddress": private, "PublicIp": self.interface.public,
            "Groups": [{"GroupId": g, "GroupName": ec2._security_groups.get(g, {}).get("GroupName", g)}
                       for g in self._groups],
            "Attachment": {"AttachmentId": "eni-attach-" + attachment[:17], "InstanceId": "", "DeviceIndex": 1,
                           "Status": "attached",
                           "AttachTime": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())},
        }
        details = {"subnetId": self._subnet_id, "networkInterfaceId": self._eni, "macAddress": mac,
                   "privateDnsName": f"ip-{private.replace('.', '-')}.{self.region}.compute.internal",
                   "privateIPv4Address": private}
        return {"id": attachment, "type": "ElasticNetworkInterface", "status": "ATTACHED",
                "details": [{"name": name, "value": value} for name, value in details.items()]}

    def destroy(self) -> None:
        with request_scope(self.account, self.region):
            ec2._network_interfaces.pop(self._eni, None)
        self.attachment["status"] = "DELETED"
        self._network.detach(self.interface)


def show_public_address(eni: dict, tag: str = "item", _fields=ec2._eni_fields_xml) -> str:
    """ministack's interfaces have no public address; DescribeNetworkInterfaces is how `status` finds the endpoint."""
    xml, public = _fields(eni, tag), eni.get("PublicIp")
    if public:
        association = (f"<association><publicIp>{public}</publicIp><ipOwnerId>amazon</ipOwnerId><publicDnsName>"
                       f"ec2-{public.replace('.', '-')}.compute.amazonaws.com</publicDnsName></association>")
        xml = xml.replace("<sourceDestCheck>", association + "<sourceDestCheck>", 1)
        xml = xml.replace("<primary>true</primary>", "<primary>true</primary>" + association, 1)
    return xml


def install() -> None:
    ec2._eni_fields_xml = show_public_address
