/** What all of the module needs and no floor of the engine owns: the rules for names, and who this process is. Not exported. */
@NullMarked
package io.holdfast.internal;

import org.jspecify.annotations.NullMarked;
