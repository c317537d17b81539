"""Drives the Python module XenAPI the way scripts do. Arguments: URL, user, password. Prints what it saw, as JSON."""

import json
import sys
import time

import XenAPI

url, user, password = sys.argv[1:]
seen = {}


def failure(call, *args):
    try:
        call(*args)
    except XenAPI.Failure as error:
        return error.details
    return None


session = XenAPI.Session(url)
session.xenapi.login_with_password(user, password, "1.0", "a script")
api = session.xenapi
try:
    host = api.pool.get_all_records().popitem()[1]["master"]
    seen["api_version"] = "%s.%s" % (api.host.get_API_version_major(host), api.host.get_API_version_minor(host))

    records = api.VM.get_all_records()
    vms = {r["name_label"]: ref for ref, r in records.items() if not r["is_a_template"] and not r["is_control_domain"]}
    seen["vms"] = sorted(vms)
    vm = vms["vm-1"]
    record = records[vm]
    seen["types"] = {
        name: type(record[name]).__name__
        for name in ["is_a_template", "memory_static_max", "VBDs", "platform", "snapshot_time", "metrics", "name_label"]
    }

    # Integers go out as strings, times come in as dateTime, a void result is an empty string.
    seen["void"] = api.VM.set_VCPUs_at_startup(vm, "1")
    seen["created"] = str(api.VM_metrics.get_start_time(api.VM.get_metrics(vm)))[:2]

    task = api.Async.VM.start(vm, False, True)
    while api.task.get_status(task) == "pending":
        time.sleep(0.05)
    seen["task"] = {"status": api.task.get_status(task), "name": api.task.get_name_label(task)}
    api.task.destroy(task)
    seen["destroyed_task"] = failure(api.task.get_status, task)
    seen["power_state"] = api.VM.get_power_state(vm)

    # `from` is a keyword of Python, so scripts use the underscore form.
    batch = api.event_from(["VM"], "", 5.0)
    seen["first_operations"] = sorted({event["operation"] for event in batch["events"]})
    api.VM.set_name_description(vm, "seen over " + url.split(":")[0])
    batch = api.event_from(["VM/" + vm], batch["token"], 5.0)
    seen["descriptions"] = [event["snapshot"]["name_description"] for event in batch["events"]]
    seen["counts"] = batch["valid_ref_counts"]["vm"] == len(api.VM.get_all())
    start = time.time()
    quiet = api.event_from(["network"], batch["token"], 0.3)
    seen["quiet"] = {"events": quiet["events"], "waited": time.time() - start >= 0.25}

    # The older calls, with a heartbeat of events.
    api.event.register(["network"])
    network = api.network.create({"name_label": "made by a script", "name_description": "", "MTU": "1500", "other_config": {}, "tags": []})
    seen["next"] = [(event["operation"], event["ref"] == network) for event in api.event.next()]
    api.event.unregister(["network"])
    api.network.destroy(network)

    seen["unknown"] = failure(api.VM.get_record, "OpaqueRef:nothing")
    seen["halted"] = failure(api.VM.start, vm, False, False)
    api.VM.hard_shutdown(vm)
finally:
    api.session.logout()

# The module logs in again by itself when its session is gone.
seen["after_logout"] = api.VM.get_name_label(vm)
seen["wrong"] = failure(XenAPI.Session(url).xenapi.login_with_password, user, "wrong", "1.0", "a script")
print(json.dumps(seen))
