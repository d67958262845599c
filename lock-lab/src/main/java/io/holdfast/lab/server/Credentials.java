// SPDX-License-Identifier: Apache-2.0
package io.holdfast.lab.server;

/**
 * Who may do what on a server.
 *
 * <p>Consul knows tokens and no users: there, the passwords are the tokens, and the users' names mean nothing.
 *
 * @param admin the user who may do everything
 * @param adminPassword the password of that user
 * @param user the user who may do what a lock client needs, under the prefix only
 * @param password the password of that user
 * @param prefix what the keys of that user begin with
 */
public record Credentials(String admin, String adminPassword, String user, String password, String prefix) {
    /** Without the passwords. */
    @Override
    public String toString() {
        return "Credentials[" + user + " on " + prefix + ", " + admin + "]";
    }
}
