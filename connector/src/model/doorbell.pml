/*
 * The doorbell of durable delivery: how an idle reader sleeps without missing a change, and without costing the
 * writers a NOTIFY while it is awake or dead.
 *
 * Two writers, one reader, and one failure (of the reader or of its connection) at any moment, in every
 * order in which their steps can happen. check.sh runs it; README.md says what it shows and what it leaves out.
 *
 * A set of transactions is a bit mask. A transaction stands for all of its journal rows, since a snapshot shows
 * all of them or none. An atomic action of PostgreSQL is one step here; other actions are several.
 *
 * Compile-time choices:
 *   TX=n          transactions per writer (2)
 *   TIMEOUT       a wait may also end without a notification
 *   SILENT_LOSS   the failure may also be that the server ends the session and a waiting reader does not notice
 *   FLAG          writers read a flag before they test the lock, which is cheaper while it is not set
 *   BREAK_...     leaves out one rule of the protocol; the checker must object
 */

#ifndef TX
#define TX 2
#endif
#define ALL 255

/* The database. */
byte running;              /* transactions that have drawn an id and not ended */
byte committed;            /* transactions whose rows are visible */
byte bell;                 /* the session that holds the advisory lock exclusively; 0: nobody, not armed */
byte testing;              /* writers that hold the same lock shared, for the moment of their test */
byte listening;            /* the session that listens; 0: nobody */
byte underway[2];          /* per writer: the session that its commit's notification has yet to reach; 0: none */
bool flag;                 /* with FLAG: the cheap hint that the bell may be armed; it outlives its reader */
bool pending;              /* notifications have reached the listening session and not been taken by the reader */

/* The reader. */
byte session = 1;          /* its present session: 1, and 2 after the mishap */
bool connected = true;     /* whether that session still stands */
bool waiting;              /* it sleeps until a notification comes */
byte cut;                  /* its place: transactions already taken from the journal */
byte persisted;            /* the place that outlives it: the offset that Connect has committed */
byte emitted;              /* transactions whose rows have been emitted at least once */

/* What happened, for the properties alone. */
bool lost;                 /* session 1 is dead ... */
bool noticed;              /* ... and the server has cleaned up after it */
bool deserted;             /* nobody starts the reader again */

#if defined(BREAK_SEQ) || defined(BREAK_LISTED_ONLY)
#define NUMBERED
byte number[2 * TX];       /* a transaction's id, and its journal row's number, as they count; 0: not drawn */
byte last_number;
byte last_ended;           /* the highest number of those that have ended */
#endif

/*
 * 1. No change waits for ever, as seen in a single state: the reader sleeps, nothing is on its way to wake it,
 *    and a committed change has not been emitted. That another writer may ring later is no excuse. (Where waits
 *    end by time, one on a session that is gone is not for ever.)
 */
#ifdef TIMEOUT
#define for_ever  connected
#else
#define for_ever  true
#endif
#define overslept (waiting && for_ever && !pending && underway[0] != session && underway[1] != session \
                   && (committed & ~emitted) != 0)
/* 2. No change is skipped: the persisted place is never beyond a committed change that was not emitted. */
#define skipped   ((persisted & committed & ~emitted) != 0)
/* 3. A dead reader leaves the bell unarmed, so that writers do not notify. */
#define haunted   (noticed && (bell == 1 || (deserted && bell != 0)))

ltl never_oversleeps { [] !overslept }
ltl never_skips      { [] !skipped }
ltl never_haunted    { [] !haunted }
ltl safe             { [] (!overslept && !skipped && !haunted) }

/*
 * 1 and 3 over time. The writers' work is finite, so "every committed change is emitted in the end" is "from
 * some moment on nothing is left to emit". Under weak fairness: a process that can always continue does continue.
 */
#define settled   ((deserted || (committed & ~emitted) == 0) && (!lost || bell != 1))
ltl settles          { <> [] settled }

/*
 * The trigger's test: pg_try_advisory_lock_shared and, where that succeeded, unlock. The first tells whether the
 * bell is armed; until the second, the reader cannot arm it. A cancelled statement may never come to the second.
 */
inline test_bell() {
	if
#ifdef FLAG
	:: d_step { !flag -> printf("writer %d: the flag is not set\n", w) }
	:: flag -> test_lock()
#else
	:: test_lock()
#endif
	fi
}

inline test_lock() {
	if
	:: d_step { bell != 0 -> ring = true; printf("writer %d: the bell is armed, will notify\n", w) }
	:: d_step { bell == 0 -> testing++; printf("writer %d: the bell is not armed\n", w) };
	   if
	   :: testing--
	   :: goto stay_open
	   fi
	fi
}

/* A writer's present transaction, as a set. */
#define me (1 << (w * TX + nth))

/* It is no longer in progress. */
inline end_transaction() {
	running = running & ~me;
#ifdef NUMBERED
	if
	:: number[w * TX + nth] > last_ended -> last_ended = number[w * TX + nth]
	:: else
	fi
#endif
}

proctype Writer(byte w) {
	byte nth;                  /* which of its transactions */
	bool ring;                 /* that one has a notification to send when it commits */

	do
	:: nth == TX -> break
	:: nth < TX ->
#ifdef BREAK_TEST_FIRST
		test_bell();
#endif
		d_step {
			running = running | me;
#ifdef NUMBERED
			last_number++;
			number[w * TX + nth] = last_number;
#endif
			printf("writer %d: draws transaction id %d\n", w, me)
		};
		/* Its row is written here. Nobody sees it before the commit, so it is no step of its own. */
#ifndef BREAK_TEST_FIRST
		test_bell();
#endif
		do
		:: test_bell()             /* another statement */
		:: goto stay_open          /* idle in transaction */
		:: d_step { end_transaction(); printf("writer %d: rolls back %d\n", w, me) };
		   break
		:: d_step {
			/* Visible and no longer in progress, in one. Who listens now will be notified ... */
			end_transaction();
			committed = committed | me;
			underway[w] = (ring -> listening : 0);
			printf("writer %d: commits %d\n", w, me)
		   };
		   d_step {                /* ... a moment later. */
			if
			:: underway[w] != 0 && underway[w] == listening ->
				pending = true;
				printf("a notification arrives\n")
			:: else
			fi;
			underway[w] = 0
		   };
		   break
		od;
		atomic { nth++; ring = false }
	od;
	goto done;
stay_open:
	printf("writer %d: leaves transaction %d open for ever\n", w, me);
done:
	skip
}

/*
 * A look at the journal, with one snapshot: take what is committed and not in the cut before, emit it. (Nobody
 * else reads what this changes, and to die halfway is to die before: so it is one step.) Connect then commits
 * the offset, or a later one in its place. `must_end`: those of `these` transactions that are still in progress.
 *
 * In progress means drawn and not ended. pg_snapshot_xip() tells only of those below pg_snapshot_xmax(), which is the
 * highest id that has *ended*, plus one; the next id to be drawn is xmax + age(xid(xmax)), by a transaction that has
 * drawn none itself. Take that once armed: all that drew before have ended when a cut's xmin has come up to it.
 */
inline look(these) {
	d_step {
#ifdef BREAK_SEQ
		next_by_seq();
#else
		next = committed;
#endif
		found = next & committed & ~cut;
		emitted = emitted | found;
		cut = next;
		next = 0;
		must_end = these & running;
#ifdef BREAK_LISTED_ONLY
		only_listed();
#endif
		printf("reader: looks, emits %d, in progress %d\n", found, running)
	};
	if
	:: d_step { persisted != cut -> persisted = cut; printf("reader: its offset is committed\n") }
	:: skip
	fi
}

#ifdef BREAK_LISTED_ONLY
/* What the snapshot's list of transactions has, and no more. */
inline only_listed() {
	for (i : 0 .. 2 * TX - 1) {
		if
		:: number[i] > last_ended -> must_end = must_end & ~(1 << i)
		:: else
		fi
	}
	i = 0
}
#endif

#ifdef BREAK_SEQ
/* "seq > last": in place of a snapshot, all that was numbered up to the last row it can see. */
inline next_by_seq() {
	top = 0;
	for (i : 0 .. 2 * TX - 1) {
		if
		:: ((committed | cut) & (1 << i)) && number[i] > top -> top = number[i]
		:: else
		fi
	}
	for (i : 0 .. 2 * TX - 1) {
		if
		:: number[i] != 0 && number[i] <= top -> next = next | (1 << i)
		:: else
		fi
	}
	top = 0;
	i = 0
}
#endif

/* Whether it is safe to wait: by the cut last looked at, never by a newer one. */
#ifdef BREAK_LATE_CHECK
#define all_ended ((must_end & running) == 0)
#else
#define all_ended (must_end == 0)
#endif

proctype Reader() {
	byte next;                 /* the cut being taken */
	byte found;                /* changes in it and not in the one before */
	byte must_end;             /* transactions in progress when it armed, that had not ended in the last cut */
#ifdef NUMBERED
	byte top;
	byte i;
#endif

connect:
	{
#ifdef BREAK_LISTEN_LATE
		skip;
#else
		atomic { listening = session; printf("reader: listens, session %d\n", session) };
#endif
poll:
		atomic {
			assert(bell != session);           /* never armed outside of poll() */
			look(0);
			if
			:: found = 0; goto poll            /* more may follow, or it is early yet */
			:: found == 0
			fi
		};
		atomic {
			if
			:: bell == 0 && testing == 0 -> bell = session; printf("reader: arms\n")
			:: else -> printf("reader: cannot arm\n"); goto poll
			fi
		};
#ifdef FLAG
		flag = true;
#endif
#ifdef BREAK_ONE_LOOK
		must_end = running;
#else
		atomic { look(ALL); found = 0 };
#endif
#ifdef BREAK_NO_IN_PROGRESS
		must_end = 0;
#endif
		do
		:: atomic { !all_ended -> look(must_end); found = 0 }
		:: break                           /* something was found, or this takes too long */
		:: all_ended ->
#ifdef BREAK_LISTEN_LATE
			listening = session;
#endif
#ifdef BREAK_DRAIN_LATE
			pending = false;
#endif
			d_step { waiting = true; must_end = 0; printf("reader: waits\n") };
			atomic {
				if
				:: pending
#ifdef TIMEOUT
				:: true
#endif
				fi;
				waiting = false;
				printf("reader: wakes\n")
			};
#ifndef BREAK_DRAIN_LATE
			pending = false;
#endif
			if
#ifdef BREAK_STAY_BLIND
			:: true                    /* sleeps on without a look */
#else
			:: atomic { look(0); found = 0 }   /* what has rung is read, and it sleeps on: the bell is still armed */
#endif
			:: break                   /* more may follow */
			fi
		od;
#ifdef FLAG
		flag = false;
#endif
		atomic { bell = 0; must_end = 0; printf("reader: disarms\n") };
		goto poll
	} unless { !connected && !waiting };

	/* Its session is gone. The server may not know that yet, and still hold the lock for it. */
	atomic { found = 0; must_end = 0 };
	if
	:: d_step { deserted = true; printf("nobody starts the reader again\n") }
	:: d_step { session = 2; connected = true; printf("reader: connects again, and knows its place\n") };
	   goto connect
	:: d_step { session = 2; connected = true; cut = persisted; printf("reader: starts from its offset\n") };
	   goto connect
	fi
}

/* At most one, at any moment. */
proctype Mishap() {
	if
	:: skip
	:: d_step {
		connected = false; lost = true; waiting = false; listening = 0; pending = false;
		printf("session 1 dies\n")
	   };
	   d_step {
		noticed = true;
#ifndef BREAK_LASTING_BELL
		bell = (bell == 1 -> 0 : bell);
#endif
		printf("the server cleans up after session 1\n")
	   }
#ifdef SILENT_LOSS
	:: d_step {
		connected = false; lost = true; noticed = true; listening = 0; pending = false;
		bell = (bell == 1 -> 0 : bell);
		printf("the server ends session 1, and its reader does not notice while it waits\n")
	   }
#endif
	fi
}

init {
	atomic { run Writer(0); run Writer(1); run Reader(); run Mishap() }
}
