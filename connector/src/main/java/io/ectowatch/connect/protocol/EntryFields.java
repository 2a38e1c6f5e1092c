package io.ectowatch.connect.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The values that a trigger writes for a change, in their order: an entry is a JSON array of them. Everything that depends
 * on the order iterates over this list: the SQL of the triggers, the reader of their rows, the name of the layout and its
 * definition in the database. A change that is too large ends after the first {@code shortLength} values.
 *
 * <p>The order may change in a later version. The name of the layout then changes too, and rows that were written before
 * are read by their own definition.
 *
 * @param all the fields in order
 * @param shortLength how many of them a shortened entry has
 * @param <C> a column
 */
public record EntryFields<C>(List<Field<C>> all, int shortLength) {

    /** What a field has. */
    public enum Kind {
        /** A number with a bit for each watcher, which says whether the change is for that watcher. */
        WATCHERS,
        /** The value of a column; for a deletion, its last one. */
        VALUE,
        /** The value of a column before an update; null for other changes. */
        PREVIOUS,
        /** The names of the columns that an update has changed; null for other changes. */
        CHANGED
    }

    /** A field; {@code column} is null for the kinds that have none. */
    public record Field<C>(Kind kind, @Nullable C column) {

        /** The column of a field whose kind has one. */
        public C requiredColumn() {
            return Objects.requireNonNull(column, "column");
        }
    }

    public EntryFields {
        all = List.copyOf(all);
    }

    /**
     * The fields of these values.
     *
     * @param watchers whether the entry says for which watchers the change is
     * @param kept the columns that a shortened entry has too: the primary key, then those of record keys
     * @param keptBefore those of {@code kept} whose previous values are needed
     * @param changed whether the names of changed columns are needed
     * @param extras the columns that a shortened entry lacks
     * @param extrasBefore the columns whose previous values a shortened entry lacks
     */
    public static <C> EntryFields<C> of(
            boolean watchers, List<C> kept, List<C> keptBefore, boolean changed, List<C> extras, List<C> extrasBefore) {
        List<Field<C>> all = new ArrayList<>();
        if (watchers) {
            all.add(new Field<>(Kind.WATCHERS, null));
        }
        kept.forEach(column -> all.add(new Field<>(Kind.VALUE, column)));
        keptBefore.forEach(column -> all.add(new Field<>(Kind.PREVIOUS, column)));
        int shortLength = all.size();
        if (changed) {
            all.add(new Field<>(Kind.CHANGED, null));
        }
        extras.forEach(column -> all.add(new Field<>(Kind.VALUE, column)));
        extrasBefore.forEach(column -> all.add(new Field<>(Kind.PREVIOUS, column)));
        return new EntryFields<>(all, shortLength);
    }

    /** Those of a shortened entry. */
    public List<Field<C>> shortened() {
        return all.subList(0, shortLength);
    }

    /** Those that a shortened entry lacks. */
    public List<Field<C>> leftOut() {
        return all.subList(shortLength, all.size());
    }

    /** Whether one of the fields has that kind. */
    public boolean has(Kind kind) {
        return all.stream().anyMatch(field -> field.kind() == kind);
    }

    /** The columns of all fields of that kind, in order. */
    public List<C> columns(Kind kind) {
        return columns(all, kind);
    }

    /** The columns of the fields of that kind that a shortened entry has, in order. */
    public List<C> shortenedColumns(Kind kind) {
        return columns(shortened(), kind);
    }

    private static <C> List<C> columns(List<Field<C>> fields, Kind kind) {
        return fields.stream()
                .filter(field -> field.kind() == kind)
                .map(Field::column)
                .toList();
    }

    /** The same fields with other columns. */
    public <D> EntryFields<D> map(Function<C, D> function) {
        List<Field<D>> mapped = new ArrayList<>();
        for (Field<C> field : all) {
            mapped.add(new Field<>(field.kind(), field.column() == null ? null : function.apply(field.column())));
        }
        return new EntryFields<>(mapped, shortLength);
    }
}
