package io.ectowatch.connect.generated;

import io.ectowatch.connect.generated.Program.Step;
import io.ectowatch.connect.generated.Program.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** Makes a failing program smaller while it still fails: leaves out parts, larger ones first. */
final class Shrinker {

    private final Predicate<Program> fails;
    private final long end;
    private Program program;

    /** @param seconds after that time it stops, with what it has */
    Shrinker(Program program, Predicate<Program> fails, int seconds) {
        this.program = program;
        this.fails = fails;
        end = System.nanoTime() + seconds * 1_000_000_000L;
    }

    Program shrink() {
        Program before;
        do {
            before = program;
            shorten(Program::transactions, (p, list) -> copy(p, p.items(), p.before(), p.watchers(), list));
            for (int i = 0; i < program.transactions().size(); i++) {
                int at = i;
                shorten(p -> p.transactions().get(at).steps(), (p, list) -> with(p, at, list));
                for (int j = 0; j < program.transactions().get(i).steps().size(); j++) {
                    int step = j;
                    shorten(p -> p.transactions().get(at).steps().get(step).statements(), (p, list) -> {
                        List<Step> steps =
                                new ArrayList<>(p.transactions().get(at).steps());
                        steps.set(step, new Step(list, steps.get(step).undone()));
                        return with(p, at, steps);
                    });
                }
            }
            shorten(Program::watchers, (p, list) -> copy(p, p.items(), p.before(), list, p.transactions()));
            shorten(Program::items, (p, list) -> copy(p, list, p.before(), p.watchers(), p.transactions()));
            shorten(Program::before, (p, list) -> copy(p, p.items(), list, p.watchers(), p.transactions()));
            for (int i = 0; i < program.watchers().size(); i++) {
                simplify(i);
            }
            dropTables();
        } while (!program.equals(before) && System.nanoTime() < end);
        return program;
    }

    private interface Change<T> {
        Program apply(Program program, List<T> list);
    }

    /** Leaves out halves of the list, quarters, and so on. */
    private <T> void shorten(Function<Program, List<T>> list, Change<T> change) {
        for (int length = Math.max(1, list.apply(program).size() / 2); length > 0; length /= 2) {
            for (int from = list.apply(program).size() - length; from >= 0; from -= length) {
                List<T> shorter = new ArrayList<>(list.apply(program));
                shorter.subList(from, Math.min(from + length, shorter.size())).clear();
                attempt(change.apply(program, shorter));
                from = Math.min(from, list.apply(program).size());
            }
        }
    }

    private void simplify(int at) {
        for (Watcher simpler : program.watchers().get(at).simpler()) {
            List<Watcher> watchers = new ArrayList<>(program.watchers());
            watchers.set(at, simpler);
            if (attempt(copy(program, program.items(), program.before(), watchers, program.transactions()))) {
                simplify(at);
                return;
            }
        }
    }

    private void dropTables() {
        for (int i = program.tables().size() - 1; i >= 0; i--) {
            String name = program.tables().get(i).sql();
            List<GeneratedTable> tables = new ArrayList<>(program.tables());
            tables.remove(i);
            List<String> create = new ArrayList<>(program.create());
            create.removeIf(sql -> sql.contains(name + " "));
            attempt(new Program(
                    tables,
                    create,
                    program.items(),
                    program.before(),
                    program.delivery(),
                    program.watchers(),
                    program.asApplication(),
                    program.transactions()));
        }
        attempt(new Program(
                program.tables(),
                program.create(),
                program.items(),
                program.before(),
                program.delivery(),
                program.watchers(),
                false,
                program.transactions()));
    }

    private boolean attempt(Program smaller) {
        if (smaller.equals(program) || System.nanoTime() > end || !fails.test(smaller)) {
            return false;
        }
        program = smaller;
        return true;
    }

    private static Program with(Program program, int transaction, List<Step> steps) {
        List<Transaction> transactions = new ArrayList<>(program.transactions());
        Transaction old = transactions.get(transaction);
        transactions.set(transaction, new Transaction(steps, old.savepoints(), old.committed()));
        return copy(program, program.items(), program.before(), program.watchers(), transactions);
    }

    private static Program copy(
            Program program,
            List<Program.Item> items,
            List<String> before,
            List<Watcher> watchers,
            List<Transaction> transactions) {
        return new Program(
                program.tables(),
                program.create(),
                items,
                before,
                program.delivery(),
                watchers,
                program.asApplication(),
                transactions);
    }
}
