/** What the connector stores in the database about a journal: the position, the tables, and which task may read. */
@NullMarked
package io.ectowatch.connect.journal.state;

import org.jspecify.annotations.NullMarked;
