/**
 * The tables, functions, roles and privileges that the connector needs, and the checks that no other role has
 * changed them.
 */
@NullMarked
package io.ectowatch.connect.install.objects;

import org.jspecify.annotations.NullMarked;
