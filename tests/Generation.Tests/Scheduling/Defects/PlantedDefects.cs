namespace ModelRunner.Generation.Tests.Scheduling.Defects;

/// <summary>The mistakes that the simulation must find.</summary>
internal static class PlantedDefects
{
    public static IReadOnlyList<PlantedDefect> All { get; } =
    [
        new("a preempted sequence is forgotten: its client waits for ever",
            "Scheduler.Admission.cs",
            """
                        Counters.Preemptions++;
                        sequence.Phase = SequencePhase.Waiting;
                        InsertByArrival(_waiting, sequence);
            """,
            """
                        Counters.Preemptions++;
                        sequence.Phase = SequencePhase.Waiting;
            """),
        new("a whole prompt counts as resident: the first token is sampled from nothing",
            "Scheduler.Admission.cs",
            "var reusable = sequence.TokenCount - _limits.MinContinuation;",
            "var reusable = sequence.TokenCount;"),
        new("a slot is taken over with the tail of another answer in it: the text goes wrong",
            "Scheduler.Admission.cs",
            "if (_cache.TryTruncate(slot, length, slot.IdleLength))",
            "if (_cache.TryTruncate(slot, length, length))"),
        new("a parked sequence is never queued again: a slow reader that reads again gets nothing",
            "Scheduler.Intake.cs",
            """
                        sequence.Phase = SequencePhase.Waiting;
                        InsertByArrival(_waiting, sequence);
                        worked = true;
                    }

                    return worked;
                }

                private void LeaveQueueCount
            """,
            """
                        sequence.Phase = SequencePhase.Parked;
                        worked = true;
                    }

                    return worked;
                }

                private void LeaveQueueCount
            """),
        new("rejected drafts stay in the KV cache: the next tokens see them",
            "Scheduler.Output.cs",
            "if (!_cache.TryTruncate(_cache.Slots[sequence.Slot], sequence.KvLength, computed))",
            "if (!_cache.TryTruncate(_cache.Slots[sequence.Slot], sequence.KvLength, sequence.KvLength))"),
        new("a draft is accepted without being compared: the text is the drafter's",
            "Scheduler.Output.cs",
            "if (row == drafts.Length || drafts[row] != token)",
            "if (row == drafts.Length)"),
        new("forced tokens are not counted as output: the answer runs past its limit",
            "Scheduler.Output.cs",
            "else if (sequence.TokenCount >= sequence.MaxTokenCount)",
            "else if (sequence.TokenCount >= sequence.MaxTokenCount && !logits.IsEmpty)"),
        new("the end says nothing of the text that was withheld for a stop string: the last characters are lost",
            "Scheduler.Output.cs",
            "Text = sequence.IsTextComplete ? default : sequence.Text.Finish(),",
            "Text = default,"),
        new("a cancelled request keeps its slot: the server fills up",
            "Scheduler.Output.cs",
            """
                        if (sequence.HasSlot)
                            KeepPrefix(sequence);

            """,
            ""),
        new("an idle slot remembers tokens that are not in it: a later prompt reuses what is not there",
            "Scheduler.Output.cs",
            "_cache.Tree.Set(slot.Index, sequence.TokensUpTo(length));",
            "_cache.Tree.Set(slot.Index, sequence.TokensUpTo(sequence.TokenCount));"),
        new("failed rows count as computed: garbage follows a failure",
            "Scheduler.Settling.cs",
            "if (!failed.Contains(i))",
            "if (i >= 0)"),
        new("after an abort the length is guessed, not read: positions no longer fit",
            "Scheduler.Settling.cs",
            "var length = _cache.Reconcile(_cache.Slots[sequence.Slot]);",
            "var length = sequence.KvLength;"),
        new("a lost session leaves sequences believing in their KV: they go on from nothing",
            "Scheduler.Settling.cs",
            """
                        sequence.Slot = -1;
                        sequence.KvLength = 0;
                        _active.Remove(sequence);
            """,
            """
                        sequence.Slot = -1;
                        _active.Remove(sequence);
            """),
        new("logits of the wrong row: two clients get each other's tokens",
            "Scheduler.Planning.cs",
            "row += count - 1;",
            "row += 0;"),
        new("a slow reader is never ended: it waits for ever",
            "Scheduler.Intake.cs",
            "_time.GetElapsedTime(since) < _options.SlowReaderLimit",
            "_time.GetElapsedTime(since) < TimeSpan.MaxValue"),
        new("released cells stay counted as used: the pool fills up with nothing in it",
            "KvLedger.cs",
            "_freeCells[_freeCount++] = cell;",
            "_freeCells[_freeCount] = cell;"),
        new("a shared cell is freed with its first owner: the pool is filled twice",
            "KvLedger.cs",
            "_references[cell]++;",
            "_references[cell] += 0;"),
        new("half a continuation is computed alone: an engine that needs two tokens gives wrong logits",
            "StepPlanner.cs",
            "return count >= min ? count : 0;",
            "return Math.Min(max, sequence.PendingCount);"),
        new("a step is planned without room for the tokens that a constraint forces: the reader's queue overflows",
            "Scheduler.Planning.cs",
            "+ (sequence.Constraint is null ? 0 : MaxForcedTokens)",
            "+ 0"),
        new("a prompt's last token has no logits when it comes in a piece of its own",
            "Scheduler.Planning.cs",
            "else if (count == sequence.PendingCount)",
            "else if (count == sequence.PendingCount && sequence.KvLength == 0)"),
        new("a forgotten slot stays in the prefix tree: prompts reuse what was evicted",
            "PrefixTree.cs",
            """
                        node.Slots.Remove(slot);
                        if (node.Slots.IsEmpty)
            """,
            """
                        if (node.Slots.IsEmpty)
            """),
    ];
}
