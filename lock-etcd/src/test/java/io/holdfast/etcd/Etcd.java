// SPDX-License-Identifier: Apache-2.0
package io.holdfast.etcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Looks at etcd past the backend. Waits for its answers. */
final class Etcd implements AutoCloseable {
    final Client client;

    Etcd(Client client) {
        this.client = client;
    }

    static Etcd at(String endpoint) {
        // etcd ends connections that ask without a call whether it lives, as jetcd does unless told otherwise.
        return new Etcd(Client.builder()
                .endpoints("http://" + endpoint)
                .keepaliveWithoutCalls(false)
                .build());
    }

    static <T> T answer(CompletableFuture<T> future) {
        try {
            return future.get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("no answer from etcd", e);
        }
    }

    /** All keys that begin with a text, by their names. */
    List<KeyValue> under(String start) {
        GetOption option = GetOption.builder().isPrefix(true).build();
        return answer(client.getKVClient().get(LockKeys.bytes(start), option)).getKvs();
    }

    /** The contenders for a name, the holder first. */
    List<KeyValue> line(String prefix, String name) {
        return under(new LockKeys(prefix).line(name)).stream()
                .sorted(Comparator.comparingLong(KeyValue::getCreateRevision))
                .toList();
    }

    void put(String key, String value, long lease) {
        answer(client.getKVClient()
                .put(
                        LockKeys.bytes(key),
                        LockKeys.bytes(value),
                        PutOption.builder().withLeaseId(lease).build()));
    }

    void delete(String key) {
        answer(client.getKVClient().delete(LockKeys.bytes(key)));
    }

    void revoke(long lease) {
        answer(client.getLeaseClient().revoke(lease));
    }

    /** Revokes the leases of all sessions under a prefix. */
    void endSessions(String prefix) {
        under(prefix + "/%session/").stream()
                .map(KeyValue::getLease)
                .distinct()
                .toList()
                .forEach(this::revoke);
    }

    @Override
    public void close() {
        client.close();
    }
}
