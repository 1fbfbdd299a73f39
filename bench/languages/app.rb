# Without its library this Ruby has no JSON: the one number is found by hand.
rounds = $stdin.read[/"rounds":\s*(\d+)/, 1].to_i
value = 1
rounds.times { value = (value * 75 + 74) % 65537 }
puts 'content-type: application/json', ''
print "{\"rounds\":#{rounds},\"value\":#{value}}"
