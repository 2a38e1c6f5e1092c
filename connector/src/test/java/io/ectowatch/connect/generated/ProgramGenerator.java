package io.ectowatch.connect.generated;

import io.ectowatch.connect.generated.Program.Item;
import io.ectowatch.connect.generated.Program.Statement;
import io.ectowatch.connect.generated.Program.Step;
import io.ectowatch.connect.generated.Program.Transaction;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A random program: the same for each seed, and each version of PostgreSQL. */
final class ProgramGenerator {

    private static final int TRANSACTIONS = 12;

    private final Sorts sorts;

    ProgramGenerator(Sorts sorts) {
        this.sorts = sorts;
    }

    Program generate(long seed) {
        Random random = new Random(seed);
        SchemaGenerator schema = new SchemaGenerator(random, new Names(random), sorts);
        schema.generate();
        List<Item> items = new ArrayList<>(schema.items);
        // In every other program each row changes once in a statement, and all is compared exactly.
        boolean calm = random.nextBoolean();
        if (!calm) {
            items.addAll(new CodeGenerator(random, schema.tables).generate());
        }
        List<Watcher> watchers = new WatcherGenerator(random).of(schema.tables);
        String delivery = random.nextBoolean() ? "durable" : "notify";
        boolean asApplication = random.nextBoolean();
        Program program = new Program(
                schema.tables, schema.create, items, List.of(), delivery, watchers, asApplication, List.of());
        StatementGenerator statements = new StatementGenerator(random, program, calm);
        List<String> before = schema.tables.stream().map(statements::rows).toList();
        List<Transaction> transactions = new ArrayList<>();
        for (int i = 0; i < TRANSACTIONS; i++) {
            transactions.add(transaction(random, statements));
        }
        return new Program(
                schema.tables, schema.create, items, before, delivery, watchers, asApplication, transactions);
    }

    private static Transaction transaction(Random random, StatementGenerator statements) {
        List<Step> steps = new ArrayList<>();
        for (int i = random.nextInt(3) == 0 ? random.nextInt(5) : 0; i >= 0; i--) {
            boolean undone = random.nextInt(8) == 0;
            List<Statement> together = new ArrayList<>(List.of(statements.next()));
            if (undone && random.nextBoolean()) {
                together.add(statements.next());
            }
            steps.add(new Step(together, undone));
        }
        return new Transaction(steps, random.nextBoolean(), random.nextInt(10) > 0);
    }
}
