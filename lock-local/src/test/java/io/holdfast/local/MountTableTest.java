// SPDX-License-Identifier: Apache-2.0
package io.holdfast.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** On tables as kernels write them: a workstation, a container, a host with shares of every kind. */
class MountTableTest {
    private static final MountTable WORKSTATION = table(
            "22 27 0:20 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw",
            "27 1 254:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw,errors=remount-ro",
            "31 27 0:26 / /run/lock rw,nosuid,nodev,noexec,relatime shared:5 - tmpfs tmpfs rw,size=5120k",
            "40 27 254:2 / /home rw,relatime shared:20 - xfs /dev/mapper/vg-home rw,attr2,inode64",
            "41 27 0:50 / /home/ann/mail rw,relatime shared:30 - nfs4 mail:/ann rw,vers=4.2,proto=tcp",
            "42 40 0:51 / /home/ann/a\\040b rw,nosuid,nodev,relatime shared:31 - fuse.sshfs bob@h:/x rw,user_id=1000",
            "43 40 0:52 / /home/ann/tab\\011nl\\012bs\\134 rw - cifs //nas/x rw,vers=3.1.1",
            "44 40 0:53 / /home/ann/disk rw,relatime - fuseblk /dev/sdb1 rw,user_id=0",
            "45 40 0:54 / /home/ann/merged rw,relatime - fuse.mergerfs a:b rw",
            "46 40 0:55 / /home/ann/cloud rw,relatime - fuse.rclone remote: rw",
            "47 40 0:56 / /home/ann/sub\\040volume rw - btrfs /dev/sdc rw,subvol=/@x");

    private static final MountTable CONTAINER = table(
            "500 400 0:60 / / rw,relatime master:90 - overlay overlay"
                    + " rw,lowerdir=/var/lib/o/l1:/var/lib/o/l2,upperdir=/var/lib/o/upper,workdir=/var/lib/o/work",
            "501 500 0:61 / /proc rw - proc proc rw",
            "502 500 259:1 /var/lib/kubelet/pods/1/volumes/x /data rw,relatime - ext4 /dev/nvme0n1p1 rw",
            "503 500 0:70 /export/locks /shared rw,relatime - nfs 10.0.0.2:/export rw,vers=3",
            "504 500 0:71 / /host rw,relatime - 9p hostshare rw,trans=virtio",
            "505 500 0:72 / /fs rw,relatime - virtiofs fs0 rw");

    private static final MountTable SHARES = table(
            "1 0 8:1 / / rw - ext4 /dev/sda1 rw",
            "2 1 0:30 / /ceph rw - ceph 10.0.0.1:6789:/ rw",
            "3 1 0:31 / /gluster rw - fuse.glusterfs h:/vol rw",
            "4 1 0:32 / /lustre rw - lustre mgs@tcp:/fs rw",
            "5 1 0:33 / /smb3 rw - smb3 //h/x rw",
            "6 1 0:34 / /layered rw - overlay overlay rw,lowerdir=/l,upperdir=/ceph/upper,workdir=/ceph/work",
            "7 1 0:35 / /ceph/local rw - tmpfs tmpfs rw",
            "8 1 0:36 / /covered rw - nfs4 h:/x rw",
            "9 8 0:37 / /covered rw - tmpfs tmpfs rw",
            "10 1 0:38 / /circle rw - overlay overlay rw,upperdir=/circle/upper",
            "11 1 0:39 / /readonly ro - overlay overlay ro,lowerdir=/l1:/l2",
            "12 1 0:40 / /blob rw - fuse blobfuse2 rw,user_id=0",
            "13 1 0:41 / /weka rw - wekafs weka rw",
            "14 1 0:42 / /panfs rw - panfs panfs://h rw",
            "15 1 0:43 / /snfs rw - cvfs snfs1 rw",
            "16 1 0:44 / /hgfs rw - vmhgfs .host:/ rw",
            "17 1 0:45 / /fused rw - fuse.vmhgfs-fuse vmhgfs-fuse rw",
            "18 1 0:46 / /au rw - aufs none rw,si=1",
            "19 1 0:47 / /new rw - somefs x rw",
            "20 1 0:48 / /secret rw - ecryptfs /home/.ecryptfs/x rw,ecryptfs_sig=1",
            "21 1 0:49 / /secret-share rw - ecryptfs /ceph/x rw,ecryptfs_sig=1",
            "22 1 0:50 / /memory rw - tmpfs tmpfs rw",
            "23 1 0:51 / /proc rw - proc proc rw",
            "no line of this form",
            "");

    private static MountTable table(String... lines) {
        return MountTable.parse(List.of(lines));
    }

    @ParameterizedTest
    @CsvSource({
        "/home/ann, ",
        "/home/ann/mail, nfs4",
        "/home/ann/mail/locks/deep, nfs4",
        "/home/ann/mailbox, ",
        "/run/lock/x, ",
        "/home/ann/a b, fuse.sshfs",
        "/home/ann/a, ",
        "/home/ann/disk/x, ",
        "/home/ann/merged, ",
        "/home/ann/cloud, fuse.rclone",
        "/home/ann/sub volume/x, ",
        "/var, "
    })
    void workstation(Path directory, String type) {
        assertThat(WORKSTATION.foreignType(directory)).isEqualTo(Optional.ofNullable(type));
    }

    @Test
    @DisplayName("tab, line feed and backslash are escaped, too")
    void escapedPaths() {
        assertThat(WORKSTATION.foreignType(Path.of("/home/ann/tab\tnl\nbs\\/x")))
                .contains("cifs");
    }

    @ParameterizedTest
    @CsvSource({"/tmp, ", "/data/locks, ", "/shared, nfs", "/shared/x, nfs", "/host/x, 9p", "/fs, virtiofs"})
    @DisplayName("bind mounts have the type of what is behind them; an overlay that of its upper directory")
    void container(Path directory, String type) {
        assertThat(CONTAINER.foreignType(directory)).isEqualTo(Optional.ofNullable(type));
    }

    @ParameterizedTest
    @CsvSource({
        "/ceph/x, ceph", "/gluster, fuse.glusterfs", "/lustre/x, lustre", "/smb3, smb3", "/layered/x, ceph",
        "/ceph/local/x, ", "/covered/x, ", "/circle, ", "/readonly/x, ", "/, "
    })
    @DisplayName("the longest mount point wins, and of several at one point the last")
    void shares(Path directory, String type) {
        assertThat(SHARES.foreignType(directory)).isEqualTo(Optional.ofNullable(type));
    }

    @ParameterizedTest
    @CsvSource({
        "/blob, fuse", "/weka/x, wekafs", "/panfs, panfs", "/snfs, cvfs", "/hgfs/share, vmhgfs",
                "/fused, fuse.vmhgfs-fuse",
        "/au, aufs", "/new, somefs", "/proc/x, proc", "/secret/x, ", "/secret-share/x, ceph", "/memory, "
    })
    @DisplayName("what is not known to be this host's own counts as a network's")
    void unknown(Path directory, String type) {
        assertThat(SHARES.foreignType(directory)).isEqualTo(Optional.ofNullable(type));
    }

    @Test
    @DisplayName("a path that no mount covers is not known either")
    void noMount() {
        assertThat(table("2 1 0:30 / /x rw - ext4 /dev/x rw").foreignType(Path.of("/y")))
                .isPresent();
    }

    @Test
    void readsTheTableOfThisMachine() throws IOException {
        Optional<MountTable> current = MountTable.current();
        assertThat(current.flatMap(table -> table.foreignType(Path.of("/proc/self"))))
                .isEqualTo(current.map(table -> "proc"));
    }
}
