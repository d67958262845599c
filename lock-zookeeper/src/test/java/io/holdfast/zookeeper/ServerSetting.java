// SPDX-License-Identifier: Apache-2.0
package io.holdfast.zookeeper;

import com.sun.tools.attach.VirtualMachine;
import java.util.UUID;
import javax.management.Attribute;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Settings of a single server that its operator changes while it runs, by JMX. */
final class ServerSetting {
    /** Tells the server's process from those of other tests. */
    private final String mark = "-Dholdfast.test=" + UUID.randomUUID();

    /** To be added to the server's specification. */
    String line() {
        return mark;
    }

    @SuppressWarnings("BanJNDI") // a server that the test started, by a connector of its own process
    void maxSessionTimeout(int millis) throws Exception {
        VirtualMachine machine = VirtualMachine.attach(String.valueOf(process()));
        try (JMXConnector connector =
                JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent()))) {
            MBeanServerConnection beans = connector.getMBeanServerConnection();
            ObjectName server = beans.queryNames(
                            new ObjectName("org.apache.ZooKeeperService:name0=StandaloneServer_port*"), null)
                    .iterator()
                    .next();
            beans.setAttribute(server, new Attribute("MaxSessionTimeout", millis));
        } finally {
            machine.detach();
        }
    }

    private long process() {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(mark))
                .mapToLong(ProcessHandle::pid)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no process has " + mark));
    }
}
