"""What programs do with the official Python client, against the cluster of KUBECONFIG. Prints one line a finding; the test compares them."""
import sys
import threading
import time

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.stream import portforward, stream

NAMESPACE = "python"
config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()


def until(what, found):
    deadline = time.monotonic() + 20
    while not found():
        if time.monotonic() > deadline:
            sys.exit(f"waited 20 s for {what}")
        time.sleep(0.05)


print("version", client.VersionApi().get_code().git_version)
core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=NAMESPACE)))
seen = []


def follow():
    for event in watch.Watch().stream(core.list_namespaced_pod, NAMESPACE):
        seen.append((event["type"], event["object"].metadata.name))
        if event["type"] == "DELETED":
            return


watching = threading.Thread(target=follow, daemon=True)
watching.start()

utils.create_from_dict(client.ApiClient(), {
    "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": NAMESPACE},
    "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"terminationGracePeriodSeconds": 1, "containers": [{
            "name": "c", "image": "greeter:1", "ports": [{"containerPort": 8080}],
            "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 1}}]}}}})
until("two ready pods", lambda: apps.read_namespaced_deployment("web", NAMESPACE).status.ready_replicas == 2)
print("strategic", apps.patch_namespaced_deployment("web", NAMESPACE, {"metadata": {"annotations": {"a": "b"}}}).metadata.annotations["a"])
print("json", apps.patch_namespaced_deployment("web", NAMESPACE, [{"op": "add", "path": "/metadata/annotations/c", "value": "d"}]).metadata.annotations["c"])
print("scale", apps.patch_namespaced_deployment_scale("web", NAMESPACE, {"spec": {"replicas": 1}}).spec.replicas)
watching.join(20)
print("watch", sorted({kind for kind, _ in seen}))

pod = next(p.metadata.name for p in core.list_namespaced_pod(NAMESPACE, label_selector="app=web").items if not p.metadata.deletion_timestamp)
execute = dict(command=["sh", "-c", "read line; echo got $line; exit 3"], stdin=True, stdout=True, stderr=True, tty=False)
running = stream(core.connect_get_namespaced_pod_exec, pod, NAMESPACE, _preload_content=False, **execute)
running.write_stdin("this\n")
running.run_forever(timeout=10)
print("exec", running.read_stdout().strip(), running.returncode)

forward = portforward(core.connect_get_namespaced_pod_portforward, pod, NAMESPACE, ports="8080")
tunnel = forward.socket(8080)
tunnel.setblocking(True)
tunnel.sendall(b"GET /forwarded HTTP/1.1\r\nHost: pod\r\nConnection: close\r\n\r\n")
answer = b""
while chunk := tunnel.recv(4096):
    answer += chunk
print("port-forward", answer.split(b"\r\n\r\n")[1].decode().startswith("hello"), forward.error(8080))
print("proxy", core.connect_get_namespaced_pod_proxy(f"{pod}:8080", NAMESPACE).startswith("hello"))
print("log", "GET /forwarded" in core.read_namespaced_pod_log(pod, NAMESPACE))
for line in watch.Watch().stream(core.read_namespaced_pod_log, pod, NAMESPACE):
    print("follow", line)
    break

maps = dynamic.DynamicClient(client.ApiClient()).resources.get(api_version="v1", kind="ConfigMap")


def applied(value, manager, **more):
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"a": value}}
    return maps.server_side_apply(namespace=NAMESPACE, name="settings", body=body, field_manager=manager, **more)


print("apply", applied("1", "one").metadata.managedFields[0].manager)
try:
    applied("2", "two")
except dynamic.exceptions.ConflictError as error:
    print("conflict", error.status, ".data.a" in str(error.body))
print("force", applied("2", "two", force_conflicts=True).data["a"])
core.delete_namespace(NAMESPACE)
until("the namespace to go", lambda: NAMESPACE not in [n.metadata.name for n in core.list_namespace().items])
print("done")
