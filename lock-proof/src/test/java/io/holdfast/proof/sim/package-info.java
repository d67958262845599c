// SPDX-License-Identifier: Apache-2.0
/**
 * The deterministic simulation: the engine itself, on virtual time, over simulated stores with injected faults, from a seed.
 *
 * <p>Everything runs on one thread. {@link io.holdfast.proof.sim.SimWorld} has the events, {@link
 * io.holdfast.proof.sim.SimNode} a clock of its own for each machine, {@link io.holdfast.proof.sim.SimLink} the network
 * between a client and its store, {@link io.holdfast.proof.sim.SimStore} the store, {@link io.holdfast.proof.sim.Judges} the
 * judges. How to replay a seed and how to add a mutant is in docs/simulation.md.
 */
package io.holdfast.proof.sim;
