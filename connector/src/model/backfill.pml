/*
 * The backfill of durable delivery: the rows that are already in a table are read in chunks between the cuts of the
 * journal, while writers change them, and a consumer that mirrors the table gets neither a row that is gone nor an old one.
 *
 * Two writers, the task with one death at any moment, and the consumer, in every order in which their steps can
 * happen. check.sh runs it; README.md says what it shows and what it leaves out.
 *
 * A table of two keys, read one key at a time. A transaction inserts or deletes one of them and holds its row until it ends.
 * A set of transactions is a bit mask; a snapshot is the set of those that it sees.
 *
 * Compile-time choices:
 *   TX=n          transactions per writer (2; check.sh uses 1)
 *   BREAK_...     leaves out one rule of the protocol; the checker must object
 */

#ifndef TX
#define TX 2
#endif
#define KEYS 2
#define ALL (2 * TX)

/* The database. */
byte running;              /* transactions that have written and not ended */
byte committed;            /* transactions whose rows are visible */
byte key[ALL];             /* per transaction: the key that it writes */
bool present[ALL];         /* and whether the row is there afterwards */
byte place[ALL];           /* and the place of its journal row; 0: none yet */
byte places;
bool initial[KEYS];        /* the rows from before the triggers */

/* The task. */
byte cut;                  /* what it has delivered: the transactions of this snapshot */
byte next = 0;             /* the backfill: the next key to read; KEYS: it has ended */
byte kept_cut;             /* what outlives it: the offset that Connect has committed */
byte kept_next;

/* The consumer. */
bool mirror[KEYS];

/* What happened, for the properties alone. */
bool ghost;                /* after a cut and its chunk, a key that the backfill has passed differs from the table */

ltl never_a_ghost  { [] !ghost }
ltl safe           { [] !ghost }

byte k; byte t; byte top; bool value;

/* The row of key k as the snapshot sees it, in `value`, and the last place among them, in `top`. */
inline as_seen_by(snapshot) {
	value = initial[k];
	top = 0;
	for (t : 0 .. ALL - 1) {
		if
		:: (snapshot & (1 << t)) != 0 && key[t] == k && place[t] > top -> top = place[t]; value = present[t]
		:: else
		fi
	}
}

#define me (w * TX + nth)

inline held(which) {
	blocked = false;
	for (t : 0 .. ALL - 1) {
		if
		:: (running & (1 << t)) != 0 && key[t] == which -> blocked = true
		:: else
		fi
	}
}

proctype Writer(byte w) {
	byte nth;
	byte which;
	bool blocked;

	do
	:: nth == TX -> break
	:: nth < TX ->
		if
		:: which = 0
		:: which = 1
		fi;
		if
		:: atomic {
			held(which);
			!blocked ->
			running = running | (1 << me);
			key[me] = which;
			places++;
			place[me] = places;
			if
			:: present[me] = true; printf("writer %d: inserts key %d\n", w, which)
			:: present[me] = false; printf("writer %d: deletes key %d\n", w, which)
			fi
		   };
		   if
		   :: d_step { running = running & ~(1 << me); committed = committed | (1 << me); printf("writer %d: commits\n", w) }
		   :: d_step { running = running & ~(1 << me); place[me] = 0; printf("writer %d: rolls back\n", w) }
		   fi
		:: true                         /* another writer holds the row: this one gives up */
		fi;
		atomic { nth++; which = 0; blocked = false }
	od
}

/* Delivers what the snapshot sees and the cut before does not: per key the last one counts. */
inline deliver(snapshot) {
	for (k : 0 .. KEYS - 1) {
		as_seen_by(snapshot & ~cut);
		if
		:: top > 0 -> mirror[k] = value
		:: else
		fi
	}
	cut = snapshot
}

/* The chunk: the next key, as that snapshot sees it. The mirror learns of a row by its `read`, and by the end of the backfill of one that is gone. */
inline read_chunk(snapshot) {
	if
	:: next < KEYS ->
		k = next;
		as_seen_by(snapshot);
		mirror[k] = value;
		next++
	:: else
	fi
}

inline compare() {
	for (k : 0 .. KEYS - 1) {
		as_seen_by(cut);
		if
		:: k < next && mirror[k] != value -> ghost = true
		:: else
		fi
	}
}

inline clear() { k = 0; t = 0; top = 0; value = false }

proctype Task() {
	byte snapshot;
	byte other;
	bool died;

	do
	:: d_step {                        /* an ordinary look */
		deliver(committed);
		compare();
		clear();
		printf("task: looks\n")
	   }
	:: d_step {                        /* a look that ends with a chunk takes its snapshot ... */
		next < KEYS -> snapshot = committed; printf("task: takes snapshot %d for key %d\n", snapshot, next);
#ifdef BREAK_KEEP_EARLY
		kept_next = next + 1;          /* the offset names the key before the consumer has it */
#endif
	   };
	   if                              /* ... reads rows and journal in it, and delivers some time later */
	   :: d_step {
#ifdef BREAK_BEFORE
		other = cut;                   /* the rows as of the cut before */
#else
#ifdef BREAK_AFTER
		other = committed;             /* the rows as of a new snapshot */
#else
		other = snapshot;
#endif
#endif
		deliver(snapshot);
		read_chunk(other);
		compare();
		snapshot = 0; other = 0;
		clear();
		printf("task: delivers the cut and the chunk\n")
	   }
	   :: d_step { snapshot = 0; printf("task: its session ends before that\n") }
	   fi
	:: d_step {
		kept_cut != cut || kept_next != next ->
		kept_cut = cut; kept_next = next;
		printf("task: its offset is committed\n")
	   }
	:: d_step { !died -> died = true; cut = kept_cut; next = kept_next; printf("task: dies and goes on from its offset\n") }
	:: break
	od
}

init {
	atomic {
		if
		:: initial[0] = true
		:: skip
		fi;
		initial[1] = true;
		run Writer(0); run Writer(1); run Task()
	}
}
