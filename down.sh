kill $(cat /tmp/h2/proxy.pid) $(cat /tmp/h2/sandbox.pid)
